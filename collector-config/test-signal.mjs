/**
 * Sends one made trace with one signal, so that you see whether the alert arrives:
 *
 *   node collector-config/test-signal.mjs [--signal test_gaming] [--service test-signal]
 *                                         [--endpoint http://127.0.0.1:4318]
 *
 * Needs nothing installed. The service name tells the trace from real ones.
 */
import {randomBytes} from 'node:crypto'
import {parseArgs} from 'node:util'

const SEVERITIES = {
  stated_deception: 'critical',
  test_gaming: 'critical',
  instruction_conflict: 'critical',
  loop: 'warning',
  truncated: 'warning',
  answer_mismatch: 'warning',
  tool_mismatch: 'warning',
  missing_condition: 'warning',
  check_missed: 'warning',
}

const {values} = parseArgs({
  options: {
    signal: {type: 'string', default: 'test_gaming'},
    service: {type: 'string', default: 'test-signal'},
    endpoint: {type: 'string', default: 'http://127.0.0.1:4318'},
  },
})
const severity = SEVERITIES[values.signal]
if (severity === undefined) {
  console.error(`expected --signal to be one of ${Object.keys(SEVERITIES).join(', ')}`)
  process.exit(2)
}

const traceId = randomBytes(16).toString('hex')
const end = Date.now()
const nanos = (/** @type {number} */ millis) => `${millis}000000`
/** @param {Record<string, string | number>} attributes */
const keyValues = (attributes) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? {intValue: value} : {stringValue: value},
  }))

/**
 * @param {string} name
 * @param {string | undefined} parentSpanId
 * @param {[number, number]} times
 * @param {Record<string, string | number>} attributes
 */
const span = (name, parentSpanId, [from, to], attributes) => ({
  traceId,
  spanId: randomBytes(8).toString('hex'),
  ...(parentSpanId && {parentSpanId}),
  name,
  kind: 1,
  startTimeUnixNano: nanos(end + from),
  endTimeUnixNano: nanos(end + to),
  attributes: keyValues(attributes),
})

const compared = {
  'reasoning.request.model': 'no-model',
  'reasoning.prompt.name': 'test-signal',
  'reasoning.prompt.version': '1',
}
const agent = span('invoke_agent test-signal', undefined, [-3000, 0], {
  'gen_ai.operation.name': 'invoke_agent',
})
const call = span('chat no-model', agent.spanId, [-2900, -100], {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'no-model',
  'reasoning.block.count': 1,
})
const block = span('reasoning', call.spanId, [-2900, -500], {
  'reasoning.block.index': 0,
  'reasoning.visibility': 'full',
  ...compared,
})
const step = span('reasoning verify', block.spanId, [-2900, -500], {
  'reasoning.step.index': 0,
  'reasoning.step.kind': 'verify',
  'reasoning.step.title': 'A made step, sent to try the alert.',
  'reasoning.severity': severity,
  ...compared,
})
const event = {
  name: 'reasoning.signal',
  timeUnixNano: nanos(end - 2900),
  attributes: keyValues({
    'reasoning.signal.name': values.signal,
    'reasoning.signal.severity': severity,
    'reasoning.signal.detector': 'test-signal/1',
    ...compared,
  }),
}

const response = await fetch(`${values.endpoint}/v1/traces`, {
  method: 'POST',
  headers: {'content-type': 'application/json'},
  body: JSON.stringify({
    resourceSpans: [
      {
        resource: {attributes: keyValues({'service.name': values.service})},
        scopeSpans: [
          {scope: {name: 'test-signal'}, spans: [agent, call]},
          {scope: {name: 'otel-reasoning'}, spans: [block, {...step, events: [event]}]},
        ],
      },
    ],
  }),
})
if (!response.ok) {
  console.error(`${values.endpoint} answered ${response.status}: ${await response.text()}`)
  process.exit(1)
}
console.log(`sent trace ${traceId}: ${values.signal} (${severity}) in ${values.service}`)
