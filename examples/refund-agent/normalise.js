import {createHash} from 'node:crypto'

const STARTS = {
  'right-branch': '2026-03-29T10:00:00Z',
  'wrong-branch': '2026-03-29T10:02:00Z',
  'missed-condition': '2026-03-29T10:04:00Z',
}
const TOOL_MILLIS = {'execute_tool lookup_order': 45, 'execute_tool issue_refund': 120}
const FIRST_TOKEN_MILLIS = 180
const MILLIS_PER_TOKEN = 9
const BETWEEN_SPANS_MILLIS = 2
const SERVER_PORT = 8080

/**
 * Gives one run's spans and log events (as OTLP JSON, changed in place) ids made from the name of
 * the case, and the times of a model that takes its time: nothing is left of the clock, of chance
 * and of the port.
 */
export function normalise({spans, logs}, name) {
  const all = spans.resourceSpans.flatMap((resource) =>
    resource.scopeSpans.flatMap((scope) => scope.spans),
  )
  const records = logs.resourceLogs.flatMap((resource) =>
    resource.scopeLogs.flatMap((scope) => scope.logRecords),
  )
  const agent = all.find((span) => !span.parentSpanId)
  // They run one after the other.
  const children = all.filter((span) => span !== agent).sort(byStart)

  const ids = new Map()
  for (const [index, span] of [agent, ...children].entries()) {
    ids.set(span.spanId, digest(`${name}/${index}`, 16))
  }
  const traceId = digest(name, 32)

  const start = Date.parse(STARTS[name])
  let clock = start
  for (const span of children) {
    clock += BETWEEN_SPANS_MILLIS
    span.startTimeUnixNano = nanos(clock)
    // The first log event is what went into the call, the others are what came out.
    const own = records.filter((record) => record.spanId === span.spanId)
    for (const record of own) setTime(record, clock)
    clock += duration(span)
    for (const record of own.slice(1)) setTime(record, clock)
    span.endTimeUnixNano = nanos(clock)
  }
  agent.startTimeUnixNano = nanos(start)
  agent.endTimeUnixNano = nanos(clock + BETWEEN_SPANS_MILLIS)

  for (const span of all) {
    span.traceId = traceId
    span.spanId = ids.get(span.spanId)
    if (span.parentSpanId) span.parentSpanId = ids.get(span.parentSpanId)
    const port = attribute(span, 'server.port')
    if (port) port.intValue = SERVER_PORT
  }
  for (const record of records) {
    record.traceId = traceId
    record.spanId = ids.get(record.spanId)
  }
}

function duration(span) {
  const tokens = attribute(span, 'gen_ai.usage.output_tokens')
  if (tokens) return FIRST_TOKEN_MILLIS + Number(tokens.intValue) * MILLIS_PER_TOKEN
  return TOOL_MILLIS[span.name]
}

function setTime(record, millis) {
  record.timeUnixNano = nanos(millis)
  record.observedTimeUnixNano = nanos(millis)
}

const attribute = (span, key) => span.attributes.find((one) => one.key === key)?.value
const nanos = (millis) => String(BigInt(millis) * 1_000_000n)
const digest = (text, length) =>
  createHash('sha256').update(`refund-agent/${text}`).digest('hex').slice(0, length)
const byStart = (a, b) => {
  const difference = BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)
  return difference < 0n ? -1 : Number(difference > 0n)
}
