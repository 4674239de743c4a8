/** Plays the refund agent's runs by hand, as a GenAI instrumentation writes them on spans. */
import {type Context, context, type Span, type Tracer, trace} from '@opentelemetry/api'
import {CASES, MODEL} from '../../examples/refund-agent/cases.js'

interface Turn {
  thought: string
  answer?: string
  calls?: {name: string; arguments: object}[]
}

export type RunName = 'right-branch' | 'wrong-branch' | 'missed-condition'

export interface PlayOptions {
  /** @defaultValue 'missed-condition' */
  run?: RunName | undefined
  /** Milliseconds since the epoch at which it began. @defaultValue so that it ends now */
  startedAt?: number | undefined
  /** @defaultValue 'v1' */
  promptVersion?: string | undefined
  /** How many of its three calls are made. @defaultValue 3 */
  calls?: number | undefined
  /** Under which the agent's span stands. @defaultValue it is the root */
  parent?: Context | undefined
  /** Said in each thought, besides. */
  aside?: string | undefined
  /** Added to attributes of the agent, of each call and of each tool. */
  extra?: {agent?: object; call?: object; tool?: object} | undefined
  /** Called with the trace id before any span ends: a full batch leaves at once. */
  onStart?: ((traceId: string) => void) | undefined
  /** Called with each span before it ends. */
  onSpan?: ((span: Span) => void) | undefined
}

const TURN_MILLIS = 2_000

const outputMessages = ({thought, answer, calls = []}: Turn): string =>
  JSON.stringify([
    {
      role: 'assistant',
      parts: [
        {type: 'reasoning', content: thought},
        ...calls.map((call, i) => ({type: 'tool_call', id: `call_${i}`, ...call})),
        ...(answer === undefined ? [] : [{type: 'text', content: answer}]),
      ],
      finish_reason: calls.length > 0 ? 'tool_call' : 'stop',
    },
  ])

/** Spans of a run: the agent, its three calls and its two tools. Returns the trace id. */
export function playRun(tracer: Tracer, options: PlayOptions = {}): string {
  const {
    run = 'missed-condition',
    promptVersion = 'v1',
    calls = 3,
    parent,
    aside,
    extra = {},
    onStart,
    onSpan,
  } = options
  const found = CASES.find((each) => each.name === run)?.turns as Turn[]
  const turns = found
    .slice(0, calls)
    .map((turn) => (aside === undefined ? turn : {...turn, thought: `${turn.thought} ${aside}`}))
  const start = options.startedAt ?? Date.now() - turns.length * TURN_MILLIS
  const agent = tracer.startSpan(
    'invoke_agent refund-agent',
    {
      startTime: start,
      attributes: {'gen_ai.operation.name': 'invoke_agent', ...extra.agent},
    },
    parent,
  )
  onStart?.(agent.spanContext().traceId)
  const below = trace.setSpan(parent ?? context.active(), agent)
  turns.forEach((turn, i) => {
    const from = start + i * TURN_MILLIS
    const chat = tracer.startSpan(
      `chat ${MODEL}`,
      {
        startTime: from,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': MODEL,
          'gen_ai.prompt.name': 'refund',
          'gen_ai.prompt.version': promptVersion,
          'gen_ai.usage.output_tokens': 150,
          'gen_ai.usage.reasoning.output_tokens': 100,
          'gen_ai.output.messages': outputMessages(turn),
          ...extra.call,
        },
      },
      below,
    )
    onSpan?.(chat)
    chat.end(from + TURN_MILLIS - 300)
    for (const [n, call] of (turn.calls ?? []).entries()) {
      const tool = tracer.startSpan(
        `execute_tool ${call.name}`,
        {
          startTime: from + TURN_MILLIS - 250,
          attributes: {
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.name': call.name,
            'gen_ai.tool.call.id': `call_${n}`,
            ...extra.tool,
          },
        },
        below,
      )
      onSpan?.(tool)
      tool.end(from + TURN_MILLIS - 50)
    }
  })
  onSpan?.(agent)
  agent.end(start + turns.length * TURN_MILLIS)
  return agent.spanContext().traceId
}
