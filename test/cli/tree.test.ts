import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {textWidth} from '../../src/cli/text-width.ts'
import {renderTree} from '../../src/cli/tree.ts'
import {madeBlock, madeSpan, refundRun} from './made-spans.ts'
import {cpuNow} from '../setup/cpu-time.ts'

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1)

const root = madeSpan({id: 'a', name: 'chat gpt-5', from: 0, until: 1000})
const step = {kind: 'plan', title: 'First the policy.', from: 0, until: 500}

test('the refund agent in 80 columns', () => {
  expect(renderTree(refundRun(), {width: 80})).toMatchInlineSnapshot(`
    "trace 9c8036070e4d4f2ba1f4c0f1de5a7b21  refund-agent · 21 spans · 9.20 s

    invoke_agent refund-agent                                                 9.20 s
    ├─ chat gpt-5                                                             3.10 s
    │  └─ reasoning  full · 5 steps · 187 tokens                             ~2.87 s
    │     ├─ reasoning setup        The customer wants a refund for order…   ~380 ms
    │     ├─ reasoning plan         First I have to find out which policy…   ~600 ms
    │     ├─ reasoning fact         Policy R-30 allows 30 days from delive…  ~640 ms
    │     ├─ reasoning uncertainty  I do not know yet when it was delivere…  ~500 ms
    │     └─ reasoning act          I should call lookup_or… → lookup_order  ~700 ms
    ├─ execute_tool lookup_order                                              240 ms
    ├─ chat gpt-5                                                             4.20 s
    │  └─ reasoning  full · 6 steps · ~1,263 tokens                          ~3.98 s
    │     ├─ reasoning fact       Delivered on 6 March, today is 2 April:…   ~500 ms
    │     ├─ reasoning infer      27 is less than 30, so the window is sti…  ~900 ms
    │     ├─ reasoning verify     Let me check the dates again: 6 March to…  ~800 ms
    │     ├─ reasoning backtrack  Wait, the box was opened, and the policy…  ~500 ms
    │     ├─ reasoning conclude   The refund is approved.                    ~620 ms
    │     │                       ▲ missing_condition  “the box was opened, and the…
    │     └─ reasoning act        I will call issue_refund… → issue_refund   ~560 ms
    ├─ execute_tool issue_refund                                              310 ms
    └─ chat gpt-5                                                             1.20 s
       └─ reasoning  full · 1 step                                           ~700 ms
          └─ reasoning conclude  Tell the customer that 99 EUR are on thei…  ~700 ms

    ~ estimated: time shared by length of text   ▲ warning
    "
  `)
})

test('with bars from 100 columns on', () => {
  expect(renderTree(refundRun(), {width: 100, legend: false})).toMatchInlineSnapshot(`
    "trace 9c8036070e4d4f2ba1f4c0f1de5a7b21  refund-agent · 21 spans · 9.20 s · 2026-11-24 13:58:01 UTC

    invoke_agent refund-agent                                                   9.20 s  ━━━━━━━━━━━━━━━━
    ├─ chat gpt-5                                                               3.10 s  ━━━━━━
    │  └─ reasoning  full · 5 steps · 187 tokens                               ~2.87 s  ╍╍╍╍╍╍
    │     ├─ reasoning setup        The customer wants a refund for order A-…  ~380 ms  ╍
    │     ├─ reasoning plan         First I have to find out which policy ap…  ~600 ms  ╍╍
    │     ├─ reasoning fact         Policy R-30 allows 30 days from delivery.  ~640 ms    ╍
    │     ├─ reasoning uncertainty  I do not know yet when it was delivered.   ~500 ms     ╍
    │     └─ reasoning act          I should call lookup_orde… → lookup_order  ~700 ms      ╍╍
    ├─ execute_tool lookup_order                                                240 ms       ━
    ├─ chat gpt-5                                                               4.20 s       ━━━━━━━━━
    │  └─ reasoning  full · 6 steps · ~1,263 tokens                            ~3.98 s        ╍╍╍╍╍╍╍
    │     ├─ reasoning fact       Delivered on 6 March, today is 2 April: 27…  ~500 ms        ╍
    │     ├─ reasoning infer      27 is less than 30, so the window is still…  ~900 ms         ╍╍
    │     ├─ reasoning verify     Let me check the dates again: 6 March to 2…  ~800 ms          ╍╍
    │     ├─ reasoning backtrack  Wait, the box was opened, and the policy s…  ~500 ms            ╍
    │     ├─ reasoning conclude   The refund is approved.                      ~620 ms            ╍╍
    │     │                       ▲ missing_condition  “the box was opened, and the policy says sealed…
    │     └─ reasoning act        I will call issue_refund wi… → issue_refund  ~560 ms              ╍
    ├─ execute_tool issue_refund                                                310 ms               ━
    └─ chat gpt-5                                                               1.20 s               ━━━
       └─ reasoning  full · 1 step                                             ~700 ms                ╍╍
          └─ reasoning conclude  Tell the customer that 99 EUR are on their…   ~700 ms                ╍╍
    "
  `)
})

test('no line is wider than the terminal, whatever its width', () => {
  fc.assert(
    fc.property(fc.integer({min: 48, max: 200}), fc.boolean(), (width, text) => {
      for (const line of linesOf(renderTree(refundRun(), {width, text}))) {
        expect(textWidth(line)).toBeLessThanOrEqual(width)
      }
    }),
  )
})

test('wide characters and long names keep the columns straight', () => {
  const spans = [
    madeSpan({id: 'a', name: `chat ${'x'.repeat(200)}`, from: 0, until: 1000}),
    ...madeBlock('b', 'a', [
      {...step, title: '返金の条件を確認する必要があります。まず購入日を調べます。返金の条件。'},
      {...step, title: '👩‍👩‍👧 family', from: 500, until: 1000},
    ]),
  ]
  const lines = linesOf(renderTree(spans, {width: 80, legend: false})).slice(2)
  expect(lines.map(textWidth)).toEqual([80, 80, 80, 80])
})

test('colours change nothing but colours', () => {
  const plain = renderTree(refundRun(), {width: 90})
  const colored = renderTree(refundRun(), {width: 90, color: true})
  // eslint-disable-next-line no-control-regex -- these are the colours
  expect(colored.replace(/\u001b\[[0-9;]*m/g, '')).toBe(plain)
  expect(colored).not.toBe(plain)
})

test('the whole text of a step stands below its line', () => {
  const text =
    'First I find the policy. Then I compare the dates, one after the other, with its window.'
  const spans = [
    root,
    ...madeBlock('b', 'a', [
      {...step, attributes: {'reasoning.text': text, 'reasoning.tool.names': ['lookup_order']}},
    ]),
  ]
  const drawn = renderTree(spans, {width: 72, text: true})
  const words = drawn.replace(/[│├└─]|~.*/g, ' ').replace(/\s+/g, ' ')
  expect(words).toContain('→ lookup_order')
  expect(words).toContain(text)
})

describe('nothing reads as more certain than it is', () => {
  test('estimated times have a mark that is explained, measured ones have none', () => {
    const estimated = renderTree([root, ...madeBlock('b', 'a', [step])])
    expect(estimated).toContain('~500 ms')
    expect(estimated).toContain('~ estimated')
    const measured = renderTree([root, ...madeBlock('b', 'a', [step], {}, 'measured')])
    expect(measured).not.toContain('~')
  })

  test('apportioned tokens have the mark, reported ones have none', () => {
    const of = (method: string) =>
      renderTree([
        root,
        ...madeBlock('b', 'a', [step], {
          'reasoning.token_count': 187,
          'reasoning.token_method': method,
        }),
      ])
    expect(of('apportioned')).toContain('~187 tokens')
    expect(of('reported')).toMatch(/[^~]187 tokens/)
  })

  test('a summary, a cut text, a policy and a late text are named', () => {
    const drawn = renderTree([
      root,
      ...madeBlock('b', 'a', [step], {
        'reasoning.visibility': 'summary',
        'reasoning.text_incomplete': true,
        'reasoning.text_policy': 'mask',
        'reasoning.late': true,
      }),
    ])
    expect(drawn).toContain('summary · 1 step · content: mask · cut off · late')
  })

  test('a call without reasoning says that none was found', () => {
    const call = madeSpan({
      id: 'a',
      name: 'chat gpt-5',
      from: 0,
      until: 1,
      attributes: {'gen_ai.operation.name': 'chat'},
    })
    expect(renderTree([call])).toContain('no reasoning found')
  })
})

test('each signal has a line with its evidence', () => {
  const signal = {name: 'stated_deception', severity: 'critical', evidence: 'I will not tell them'}
  const drawn = renderTree([root, ...madeBlock('b', 'a', [{...step, signal}])])
  expect(drawn).toContain('■ stated_deception  “I will not tell them”')
  expect(drawn).toContain('■ critical')
})

test('an error, another service and a missing parent are told', () => {
  const spans = [
    madeSpan({id: 'a', parent: 'f', name: 'POST /refund', from: 0, until: 9, error: 'timed out'}),
    madeSpan({id: 'b', parent: 'a', name: 'chat', from: 1, until: 5, service: 'llm-proxy'}),
  ]
  const drawn = renderTree(spans)
  expect(drawn).toContain('POST /refund (its parent is missing)  ✗ timed out')
  expect(drawn).toContain('chat @llm-proxy')
})

test('steps that were merged and texts that were withheld say so', () => {
  const drawn = renderTree([
    root,
    ...madeBlock('b', 'a', [
      {...step, title: '', attributes: {'reasoning.text_length': 1203}},
      {...step, from: 500, until: 900, attributes: {'reasoning.steps_merged': 12}},
    ]),
  ])
  expect(drawn).toContain('(1,203 characters)')
  expect(drawn).toContain('(12 steps in one)')
})

test('names cannot steer the terminal', () => {
  const drawn = renderTree([madeSpan({id: 'a', name: '\u001b[2J\u202eevil', from: 0, until: 1})])
  expect(drawn).toContain('[2J evil')
  expect(drawn).not.toContain('\u001b')
})

test('a chain of 20,000 spans is drawn, and not in the square of its depth', () => {
  const spans = Array.from({length: 20_000}, (_, i) =>
    madeSpan({
      id: (i + 1).toString(16),
      ...(i === 0 ? {} : {parent: i.toString(16)}),
      name: `span ${i}`,
      from: 0,
      until: 1,
    }),
  )
  const started = cpuNow()
  const lines = linesOf(renderTree(spans, {width: 80}))
  expect(cpuNow() - started).toBeLessThan(5000)
  expect(lines).toHaveLength(20_002)
  for (const line of [lines[500], lines.at(-1)]) expect(line).toMatch(/^… {2}.*span \d+/)
})

test('no spans give no lines', () => {
  expect(renderTree([])).toBe('')
})
