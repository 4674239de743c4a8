import {describe, expect, test} from 'vitest'
import {MAX_SEGMENT_LENGTH, scanSentences, splitSentences} from '../../src/analysis/sentences.ts'
import type {TextRange} from '../../src/analysis/sentences.ts'

const cut = (text: string): string[] =>
  splitSentences(text).map(({start, end}) => text.slice(start, end))

describe('splitSentences', () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ['nothing', '', []],
    ['white space', ' \n\t\n ', []],
    ['one character', 'a', ['a']],
    [
      'plain sentences',
      'The box was opened. Is that a problem? No! Go on.',
      ['The box was opened.', 'Is that a problem?', 'No!', 'Go on.'],
    ],
    [
      'amounts, versions, file names and times',
      'It costs $89.10 in v2.1.3 of app.config.ts at 3.30 p.m. local time. Next.',
      ['It costs $89.10 in v2.1.3 of app.config.ts at 3.30 p.m. local time.', 'Next.'],
    ],
    [
      'abbreviations that end no sentence',
      'See e.g. Sec. 4 and Fig. 2, i.e. Dr. Meyer vs. Mrs. Okafor. Done.',
      ['See e.g. Sec. 4 and Fig. 2, i.e. Dr. Meyer vs. Mrs. Okafor.', 'Done.'],
    ],
    [
      'abbreviations that may end one',
      'Tableau, Excel, etc. The rest is fine. Smith et al. (2021) agree. It is No. 5. So no. Fine.',
      [
        'Tableau, Excel, etc.',
        'The rest is fine.',
        'Smith et al. (2021) agree.',
        'It is No. 5.',
        'So no.',
        'Fine.',
      ],
    ],
    [
      'initials',
      'J. R. Okonkwo lives in the U.S. He called. I take option B. It fits.',
      ['J. R. Okonkwo lives in the U.S.', 'He called.', 'I take option B.', 'It fits.'],
    ],
    [
      'quotes and brackets after the stop',
      'He said "it is open." So I wait. (It was late.) "Why?" he asks. **Bold.** End.',
      [
        'He said "it is open."',
        'So I wait.',
        '(It was late.)',
        '"Why?" he asks.',
        '**Bold.**',
        'End.',
      ],
    ],
    [
      'ellipses',
      'Let me think... maybe not. Hmm… Wait. So... The fee applies.',
      ['Let me think... maybe not.', 'Hmm…', 'Wait.', 'So...', 'The fee applies.'],
    ],
    [
      'small letters after a question',
      'is it open? let me check. fine.',
      ['is it open?', 'let me check. fine.'],
    ],
    ['factorials', 'So 5! * 2! is 240. Good.', ['So 5! * 2! is 240.', 'Good.']],
    [
      'a forgotten space',
      'The file is written.Now I run the tests in node.js again.',
      ['The file is written.', 'Now I run the tests in node.js again.'],
    ],
    [
      'Chinese and Japanese',
      '用户要退款。订单是3月3日的，对吗？「はい。」それなら大丈夫です！次へ',
      ['用户要退款。', '订单是3月3日的，对吗？', '「はい。」', 'それなら大丈夫です！', '次へ'],
    ],
    [
      'Hindi, Arabic and Urdu',
      'यह सही है। अब आगे। هل هذا صحيح؟ نعم. یہ ٹھیک ہے۔ اب',
      ['यह सही है।', 'अब आगे।', 'هل هذا صحيح؟', 'نعم.', 'یہ ٹھیک ہے۔', 'اب'],
    ],
    [
      'a script without spaces or stops',
      'ลูกค้าต้องการเงินคืน\nนโยบายอนุญาต',
      ['ลูกค้าต้องการเงินคืน', 'นโยบายอนุญาต'],
    ],
    [
      'lists: the mark belongs to its item',
      'Options:\n- refund in full\n* refund less 10%\n1. call the shop. Then wait.\n2) do nothing',
      [
        'Options:',
        '- refund in full',
        '* refund less 10%',
        '1. call the shop.',
        'Then wait.',
        '2) do nothing',
      ],
    ],
    [
      'numbered headings and bold labels',
      '## 2. What the policy says\nIt allows returns.\n\n3. **Fee.** It is 10%.',
      ['## 2. What the policy says', 'It allows returns.', '3. **Fee.**', 'It is 10%.'],
    ],
    [
      'a code fence is one piece, blank lines and stops included',
      'Like so:\n```js\nconst a = 1.\n\nrun(a). Then\n```\nThat works.',
      ['Like so:', '```js\nconst a = 1.\n\nrun(a). Then\n```', 'That works.'],
    ],
    [
      'an unclosed fence ends at the blank line',
      '```\nconst a = 1\nrun(a)\n\nThe rest is prose. It is cut.',
      ['```\nconst a = 1\nrun(a)', 'The rest is prose.', 'It is cut.'],
    ],
    [
      'a table is one piece',
      'Compare.\n| plan | price |\n|---|---|\n| Flex | 10. Yes. |\nFlex it is.',
      ['Compare.', '| plan | price |\n|---|---|\n| Flex | 10. Yes. |', 'Flex it is.'],
    ],
    [
      'a display formula belongs to the sentence that introduces it',
      'We have:\n\\[\nx = \\frac{1}{2}.\n\\]\nSo x is small.',
      ['We have:\n\\[\nx = \\frac{1}{2}.\n\\]', 'So x is small.'],
    ],
    [
      'a display formula of many lines is not cut, whatever they begin with',
      'We have:\n\\[\nE = 75 + \\frac{4!}{2! \\cdot 1}.\n= 87\n|x| < 2\n\\]\nThus E is 87.',
      ['We have:\n\\[\nE = 75 + \\frac{4!}{2! \\cdot 1}.\n= 87\n|x| < 2\n\\]', 'Thus E is 87.'],
    ],
    [
      'a display formula after a blank line completes the words before it',
      'Adding both gives\n\n\\[ x = 3 \\]\n\nSo it is small.\n\n\\[ y = 4 \\]',
      ['Adding both gives\n\n\\[ x = 3 \\]', 'So it is small.', '\\[ y = 4 \\]'],
    ],
    [
      'an open display formula ends at a blank line',
      'We have:\n\\[\nx = 1. And\n\nSo it is. Done.',
      ['We have:\n\\[\nx = 1. And', 'So it is.', 'Done.'],
    ],
    [
      'inline formulas',
      'Let \\( n = 2.5 \\). Then $n^2 = 6.25$. \\( n \\) is fine.',
      ['Let \\( n = 2.5 \\).', 'Then $n^2 = 6.25$.', '\\( n \\) is fine.'],
    ],
    ['a blank line always cuts', 'one two\n\nthree four', ['one two', 'three four']],
    ['Windows line ends', 'First line:\r\n- item\r\n\r\nlast', ['First line:', '- item', 'last']],
    [
      'short lines are lines, wrapped lines are not',
      'April: 48 clips\nMay: 24 clips\n\nThe customer bought the headphones in the shop that is run by\nOkafor and asks for a refund.',
      [
        'April: 48 clips',
        'May: 24 clips',
        'The customer bought the headphones in the shop that is run by\nOkafor and asks for a refund.',
      ],
    ],
  ])('cuts %s', (_, text, expected) => {
    expect(cut(text)).toEqual(expected)
  })

  test('bounds text without stops: at lines, else at spaces, else between characters', () => {
    const lines = cut(`${'x'.repeat(3000)}\n${'y'.repeat(3000)}`)
    expect(lines).toEqual(['x'.repeat(3000), 'y'.repeat(3000)])
    const words = cut('word '.repeat(3000))
    expect(words.every((piece) => /^word( word)*$/.test(piece))).toBe(true)
    const packed = cut('😀'.repeat(90_000))
    expect(packed.join('')).toBe('😀'.repeat(90_000))
    for (const piece of [...words, ...packed]) {
      expect(piece.length).toBeLessThanOrEqual(MAX_SEGMENT_LENGTH)
      expect(piece.isWellFormed()).toBe(true)
    }
  })
})

describe('scanSentences', () => {
  test('cuts in slices as it cuts at once', () => {
    const text = [
      'Let me see. First, the policy...',
      '- 30 days for electronics',
      '- 60 days for clothing. Is that right? Yes.',
      '```sh',
      'curl https://shop.example/orders/A-1042.json',
      '',
      'jq .date',
      '```',
      'So Mr. Okafor has 7 days left.',
    ].join('\n')
    const whole = splitSentences(text)
    for (let slice = 1; slice <= text.length; slice += 1) {
      const ranges: TextRange[] = []
      let at = 0
      while (at < text.length) at = scanSentences(text, at, at + slice, ranges)
      expect(ranges).toEqual(whole)
    }
  })

  test('says of text that may go on only what cannot change', () => {
    const text =
      'Let me see... The fee is 10%. Is that so?\n\nOptions:\n- full\n- none\n\n' +
      '```js\nrun()\n```\nSo A. B. Okafor pays.\nWe have\n\n\\[\nx = 1.\n\\]\nDone. Good.'
    const whole = splitSentences(text)
    for (let length = 0; length <= text.length; length += 1) {
      const ranges: TextRange[] = []
      const part = text.slice(0, length)
      const next = scanSentences(part, 0, length, ranges, false)
      expect(whole.slice(0, ranges.length)).toEqual(ranges)
      expect(text.slice(ranges.at(-1)?.end ?? 0, next).trim()).toBe('')
      scanSentences(text, next, text.length, ranges)
      expect(ranges).toEqual(whole)
    }
  })

  test('does not wait for ever for what closes a fence, a table or a gap', () => {
    for (const endless of [
      '```\n' + 'a '.repeat(20_000),
      '| a '.repeat(20_000),
      'x'.repeat(40_000),
    ]) {
      const ranges: TextRange[] = []
      const next = scanSentences(endless, 0, endless.length, ranges, false)
      expect(ranges.length).toBeGreaterThan(3)
      expect(endless.length - next).toBeLessThan(5000)
    }
    const gap = `So.${' '.repeat(10_000)}`
    expect(scanSentences(gap, 0, gap.length, [], false)).toBeGreaterThan(4000)
  })
})
