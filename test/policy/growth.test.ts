import {expect, test} from 'vitest'
import {DETECTORS} from '../../src/policy/detectors.ts'
import {createSubject} from '../../src/policy/detectors/subject.ts'
import {redactAttributes} from './redact.ts'
import {KnownTexts} from '../../src/policy/known-texts.ts'
import {compileRule} from '../../src/policy/rule.ts'
import {cpuNow} from '../setup/cpu-time.ts'

const SMALL = 16 * 1024
const LARGE = 175 * 1024

/** What a careless pattern takes quadratic time for. */
const UNITS = [
  '1',
  '0',
  '٣',
  '1 ',
  '12-',
  '4111 ',
  '(415) ',
  '+1 ',
  '1.',
  '.',
  ':',
  'ab:',
  '1:2:',
  '@',
  'a@',
  'a.@b.',
  '漢@',
  'a',
  'A',
  ' ',
  '-',
  '_',
  'aaaaaaaaaaaa ',
  'eyJ',
  'eyJabcdefgh.',
  'sk-',
  'sk-abc ',
  'AKIA',
  'xoxb-',
  'SG.',
  'password=',
  'api_key ',
  'secret is ',
  'password: .........',
  '://',
  '://a:',
  'bearer ',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN ',
  'DE89',
  'DE89 ',
  'tel ',
]

const fill = (unit: string, length: number): string =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length)

function fastest(run: () => void): number {
  let best = Infinity
  for (let round = 0; round < 3; round++) {
    const start = cpuNow()
    run()
    best = Math.min(best, cpuNow() - start)
  }
  return best
}

// Linear is 11, quadratic 120, which on the large text is seconds. Under a few milliseconds the
// clock, the compiler and the neighbours say more than the work.
const growth = (run: (length: number) => () => void): number => {
  const small = fastest(run(SMALL))
  return fastest(run(LARGE)) / Math.max(small, 3)
}

test.each(DETECTORS.map((detector) => [detector.name, detector] as const))(
  'detector %s takes time that grows with the text',
  (_name, detector) => {
    for (const unit of UNITS) {
      const ratio = growth((length) => {
        const text = fill(unit, length)
        return () => detector.find(createSubject(text), () => {})
      })
      expect(ratio, JSON.stringify(unit)).toBeLessThan(40)
    }
  },
)

const KNOWN = [
  fill('I think again. Wait, let me check. ', 8000),
  'abc '.repeat(3000) + 'x'.repeat(9000),
]

const VALUES: Readonly<Record<string, (length: number) => string>> = {
  'open brackets': (n) => fill('[', n),
  'open objects': (n) => fill('{"a":', n),
  backslashes: (n) => `{"thinking":"${fill('\\', n)}`,
  quotes: (n) => `{"reasoning":${fill('"', n)}`,
  'think tags': (n) => fill('<think>', n),
  'pairs of think tags': (n) => fill('<think>a</think>', n),
  'many parts': (n) => `[${fill('{"type":"reasoning","text":"a b"},', n)}0]`,
  'many lines': (n) => fill('{"reasoning":"a thought"}\n', n),
  'JSON strings': (n) => JSON.stringify(JSON.stringify({thinking: fill('"\\', n / 8)})),
  'Python strings': (n) => `{'thinking': '${fill("\\'", n)}'}`,
  'nearly a known text': (n) => fill('abc ', n),
  'a known text again and again': (n) => fill(KNOWN[0] ?? '', n),
  'names without values': (n) => `{${fill('"reasoning":', n)}`,
  'words of reasoning': (n) => fill('reasoning=', n),
}

test.each(Object.entries(VALUES))(
  'redacting %s takes time that grows with the text',
  (_name, make) => {
    for (const rule of ['drop', 'mask'] as const) {
      const policy = compileRule(rule, {onError: () => {}})
      const ratio = growth((length) => {
        const attributes = {'output.value': make(length)}
        return () => void redactAttributes(attributes, policy, KNOWN)
      })
      expect(ratio, rule).toBeLessThan(40)
    }
  },
)

test('redacting many parts that are all known takes time that grows with their number', () => {
  for (const rule of ['drop', 'mask'] as const) {
    const policy = compileRule(rule, {onError: () => {}})
    const redact = (count: number): (() => void) => {
      const thoughts = Array.from(
        {length: count},
        (_, i) => `Let me check order ${i * 7919} again, since the number was wrong before.`,
      )
      const parts = thoughts.map((content) => ({type: 'reasoning', content}))
      const attributes = {'output.value': JSON.stringify(parts), answer: thoughts.join(' ')}
      return () => void redactAttributes(attributes, policy, thoughts)
    }
    // Linear is 10, quadratic 100.
    expect(fastest(redact(5000)) / fastest(redact(500)), rule).toBeLessThan(40)
  }
})

test('a span takes no longer to look at because its trace has had thousands of thoughts', () => {
  const texts = (count: number): KnownTexts =>
    new KnownTexts(Array.from({length: count}, (_, i) => `Order ${i * 7919} was never delivered.`))
  const [few, many] = [texts(10), texts(10_000)]
  const raw = fill('The refund was made on the day that the order came back to us. ', LARGE)
  const ratio = fastest(() => void many.quotations(raw)) / fastest(() => void few.quotations(raw))
  expect(ratio).toBeLessThan(10)
})
