import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {expandSpan} from '../../src/expand.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {chatSpan} from '../setup/make-span.ts'

const THOUGHT =
  'I need the delivery date first. It was delivered on March 14. So 15 days have passed. ' +
  'That is inside the window. So the customer gets the full amount.'

const CHECKS: readonly Check[] = [
  {name: 'window_compared', mentions: ['days', 'window']},
  {name: 'opened_box', severity: 'critical', mentions: /\b(?:opened|sealed)\b/i},
  {name: 'no_promise', never_mentions: 'full amount'},
  {name: 'escalation', when: {tool_called: 'escalate'}, mentions: 'manager'},
]

const eventsOf = (spans: readonly ReadableSpanLike[]) =>
  spans.flatMap((span) =>
    span.events.map(({name, attributes}) => ({on: span.name, name, attributes})),
  )

describe('checks on spans', () => {
  test('stand on the call and its block, by name, and each missed one is one event', () => {
    const spans = expandSpan(chatSpan(THOUGHT), undefined, {checks: CHECKS})
    const [call, block, ...steps] = spans
    for (const span of [call, block]) {
      expect(span?.attributes).toMatchObject({
        'reasoning.checks_met': ['window_compared'],
        'reasoning.checks_missed': ['opened_box', 'no_promise'],
        'reasoning.signals': ['check_missed'],
        'reasoning.severity': 'critical',
      })
    }
    expect(steps.every((step) => step.attributes['reasoning.checks_met'] === undefined)).toBe(true)
    const events = eventsOf(spans)
    expect(events).toHaveLength(2)
    const [onBlock, onStep] = events
    expect(onBlock).toMatchObject({
      on: 'reasoning',
      name: 'reasoning.signal',
      attributes: {
        'reasoning.signal.name': 'check_missed',
        'reasoning.signal.check': 'opened_box',
        'reasoning.signal.severity': 'critical',
        'reasoning.signal.detector': 'checks/1',
      },
    })
    expect(onBlock?.attributes?.['reasoning.signal.evidence']).toBeUndefined()
    expect(onStep?.on).toMatch(/^reasoning \w+$/)
    expect(onStep?.attributes).toMatchObject({
      'reasoning.signal.check': 'no_promise',
      'reasoning.signal.severity': 'warning',
      'reasoning.signal.evidence': 'full amount',
    })
  })

  test('give no events where that signal is turned off, and are listed all the same', () => {
    const spans = expandSpan(chatSpan(THOUGHT), undefined, {
      checks: CHECKS,
      signals: {check_missed: false},
    })
    expect(eventsOf(spans)).toEqual([])
    expect(spans[0]?.attributes['reasoning.checks_missed']).toEqual(['opened_box', 'no_promise'])
  })

  test('see the text that the policy masks, and show none of it', () => {
    const spans = expandSpan(
      chatSpan('Write to maria.quispe@example.com now. That is what the window is for.'),
      undefined,
      {
        content: 'mask',
        checks: [
          {name: 'no_address', never_mentions: /\S{1,64}@example\.com/},
          {name: 'address', mentions: 'maria.quispe@example.com'},
        ],
      },
    )
    expect(spans[0]?.attributes['reasoning.checks_missed']).toEqual(['no_address'])
    expect(spans[0]?.attributes['reasoning.checks_met']).toEqual(['address'])
    expect(JSON.stringify(spans.map(({attributes, events}) => [attributes, events]))).not.toContain(
      'quispe',
    )
  })

  test('leave only names where all text is dropped', () => {
    const spans = expandSpan(chatSpan(THOUGHT), undefined, {content: 'drop', checks: CHECKS})
    expect(spans[0]?.attributes['reasoning.checks_missed']).toEqual(['opened_box', 'no_promise'])
    const [event] = eventsOf(spans.filter(({name}) => name !== 'reasoning'))
    expect(event?.attributes?.['reasoning.signal.evidence']).toBeUndefined()
  })

  test('that are missed in a summary are told with less confidence', () => {
    const confidence = (visibility: 'full' | 'summary'): unknown =>
      eventsOf(
        expandSpan(chatSpan([]), [{text: THOUGHT, visibility, source: 'test'}], {
          checks: [CHECKS[1] as Check],
        }),
      )[0]?.attributes?.['reasoning.signal.confidence']
    expect(confidence('full')).toBeGreaterThan(confidence('summary') as number)
  })
})
