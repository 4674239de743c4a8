/** Spans made by hand, as they stand in a file after expansion. */
import type {Attributes, HrTime} from '@opentelemetry/api'
import type {ReadableSpanLike, TimedEventLike} from '../../src/readable-span.ts'

const NANOS = 1_000_000_000

const at = (millis: number): HrTime => {
  const nanos = Math.round(millis * 1e6)
  return [1_795_528_681 + Math.floor(nanos / NANOS), nanos % NANOS]
}

export interface MadeSpan {
  id: string
  parent?: string
  name: string
  /** Milliseconds since the trace began. */
  from: number
  until: number
  attributes?: Attributes
  events?: TimedEventLike[]
  scope?: string
  service?: string
  traceId?: string
  error?: string
}

export const madeSpan = (made: MadeSpan): ReadableSpanLike => {
  const traceId = made.traceId ?? '9c8036070e4d4f2ba1f4c0f1de5a7b21'
  const context = {traceId, spanId: made.id.padStart(16, '0'), traceFlags: 1}
  return {
    name: made.name,
    kind: 0,
    spanContext: () => context,
    ...(made.parent === undefined
      ? {}
      : {parentSpanContext: {traceId, spanId: made.parent.padStart(16, '0'), traceFlags: 1}}),
    startTime: at(made.from),
    endTime: at(made.until),
    duration: at(made.until - made.from),
    status: made.error === undefined ? {code: 0} : {code: 2, message: made.error},
    attributes: made.attributes ?? {},
    links: [],
    events: made.events ?? [],
    ended: true,
    resource: {attributes: {'service.name': made.service ?? 'refund-agent'}},
    instrumentationScope: {name: made.scope ?? 'ai'},
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

export interface MadeStep {
  kind: string
  title: string
  from: number
  until: number
  attributes?: Attributes
  signal?: {name: string; severity: string; evidence?: string}
}

/** A block and its steps below the span `parent`. */
export const madeBlock = (
  id: string,
  parent: string,
  steps: readonly MadeStep[],
  attributes: Attributes = {},
  timing = 'estimated',
): ReadableSpanLike[] => [
  madeSpan({
    id,
    parent,
    name: 'reasoning',
    from: steps[0]?.from ?? 0,
    until: steps.at(-1)?.until ?? 0,
    scope: 'otel-reasoning',
    attributes: {
      'reasoning.visibility': 'full',
      'reasoning.timing': timing,
      'reasoning.text_policy': 'keep',
      'reasoning.step.count': steps.length,
      'reasoning.block.index': 0,
      ...attributes,
    },
  }),
  ...steps.map((step, i) =>
    madeSpan({
      id: `${id}${i}`,
      parent: id,
      name: `reasoning ${step.kind}`,
      from: step.from,
      until: step.until,
      scope: 'otel-reasoning',
      attributes: {
        'reasoning.step.index': i,
        'reasoning.step.kind': step.kind,
        'reasoning.step.title': step.title,
        'reasoning.timing': timing,
        ...step.attributes,
      },
      events:
        step.signal === undefined
          ? []
          : [
              {
                time: at(step.from),
                name: 'reasoning.signal',
                attributes: {
                  'reasoning.signal.name': step.signal.name,
                  'reasoning.signal.severity': step.signal.severity,
                  ...(step.signal.evidence === undefined
                    ? {}
                    : {'reasoning.signal.evidence': step.signal.evidence}),
                },
              },
            ],
    }),
  ),
]

const chat = (id: string, from: number, until: number): ReadableSpanLike =>
  madeSpan({
    id,
    parent: 'a',
    name: 'chat gpt-5',
    from,
    until,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-5',
      'reasoning.block.count': 1,
    },
  })

const tool = (id: string, name: string, from: number, until: number): ReadableSpanLike =>
  madeSpan({
    id,
    parent: 'a',
    name: `execute_tool ${name}`,
    from,
    until,
    attributes: {'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name},
  })

/** The refund agent's run, as the design draws it. */
export const refundRun = (): ReadableSpanLike[] => [
  madeSpan({
    id: 'a',
    name: 'invoke_agent refund-agent',
    from: 0,
    until: 9200,
    attributes: {'gen_ai.operation.name': 'invoke_agent'},
  }),
  chat('b', 30, 3130),
  ...madeBlock(
    'b1',
    'b',
    [
      {
        kind: 'setup',
        title: 'The customer wants a refund for order A-1042.',
        from: 150,
        until: 530,
      },
      {
        kind: 'plan',
        title:
          'First I have to find out which policy applies, then compare its window with the dates.',
        from: 550,
        until: 1150,
      },
      {kind: 'fact', title: 'Policy R-30 allows 30 days from delivery.', from: 1160, until: 1800},
      {
        kind: 'uncertainty',
        title: 'I do not know yet when it was delivered.',
        from: 1810,
        until: 2310,
      },
      {
        kind: 'act',
        title: 'I should call lookup_order before I compare anything.',
        from: 2320,
        until: 3020,
        attributes: {
          'reasoning.tool.names': ['lookup_order'],
          'reasoning.tool.call.ids': ['call_1'],
        },
      },
    ],
    {'reasoning.token_count': 187, 'reasoning.token_method': 'reported'},
  ),
  tool('c', 'lookup_order', 3140, 3380),
  chat('d', 3420, 7620),
  ...madeBlock(
    'd1',
    'd',
    [
      {
        kind: 'fact',
        title: 'Delivered on 6 March, today is 2 April: 27 days.',
        from: 3530,
        until: 4030,
      },
      {
        kind: 'infer',
        title: '27 is less than 30, so the window is still open.',
        from: 4050,
        until: 4950,
      },
      {
        kind: 'verify',
        title: 'Let me check the dates again: 6 March to 2 April.',
        from: 4970,
        until: 5770,
      },
      {
        kind: 'backtrack',
        title: 'Wait, the box was opened, and the policy says sealed goods only.',
        from: 5790,
        until: 6290,
      },
      {
        kind: 'conclude',
        title: 'The refund is approved.',
        from: 6310,
        until: 6930,
        signal: {
          name: 'missing_condition',
          severity: 'warning',
          evidence: 'the box was opened, and the policy says sealed goods only',
        },
      },
      {
        kind: 'act',
        title: 'I will call issue_refund with 99 EUR.',
        from: 6950,
        until: 7510,
        attributes: {'reasoning.tool.names': ['issue_refund']},
      },
    ],
    {'reasoning.token_count': 1263, 'reasoning.token_method': 'apportioned'},
  ),
  tool('e', 'issue_refund', 7630, 7940),
  chat('f', 7950, 9150),
  ...madeBlock('f1', 'f', [
    {
      kind: 'conclude',
      title: 'Tell the customer that 99 EUR are on their way.',
      from: 8070,
      until: 8770,
    },
  ]),
]
