// AWS Bedrock Converse / ConverseStream: reasoningContent blocks; streaming uses the binary event-stream framing.
import {crc32} from 'node:zlib'
import {pieces, callId, SIGNATURE, nextId} from './scenario.mjs'

function header(name, value) {
  const n = Buffer.from(name)
  const v = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(v.length)
  return Buffer.concat([Buffer.from([n.length]), n, Buffer.from([7]), length, v])
}
/** One event-stream message: total length, header length, crc of both, headers, payload, crc of all. */
function message(type, payload) {
  const headers = Buffer.concat([
    header(':event-type', type),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ])
  const body = Buffer.from(JSON.stringify(payload))
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(16 + headers.length + body.length, 0)
  prelude.writeUInt32BE(headers.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const all = Buffer.concat([prelude, headers, body])
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(all))
  return Buffer.concat([all, crc])
}
export function bedrockConverse(body, turn, {stream}) {
  const n = nextId()
  const toolUses = turn.calls.map((call, index) => ({
    toolUseId: callId('tooluse', n, index),
    name: call.name,
    input: call.arguments,
  }))
  const stopReason = toolUses.length > 0 ? 'tool_use' : 'end_turn'
  const {input, output} = turn.usage
  const usage = {inputTokens: input, outputTokens: output, totalTokens: input + output}
  const metrics = {latencyMs: 900}
  if (!stream) {
    const tail =
      toolUses.length > 0 ? toolUses.map((toolUse) => ({toolUse})) : [{text: turn.answer}]
    const content = [
      {reasoningContent: {reasoningText: {text: turn.thought, signature: SIGNATURE}}},
      ...tail,
    ]
    return {json: {output: {message: {role: 'assistant', content}}, stopReason, usage, metrics}}
  }
  const frames = [message('messageStart', {role: 'assistant'})]
  const delta = (contentBlockIndex, d) =>
    frames.push(message('contentBlockDelta', {contentBlockIndex, delta: d}))
  const stop = (contentBlockIndex) => frames.push(message('contentBlockStop', {contentBlockIndex}))
  for (const text of pieces(turn.thought)) delta(0, {reasoningContent: {text}})
  delta(0, {reasoningContent: {signature: SIGNATURE}})
  stop(0)
  toolUses.forEach(({toolUseId, name, input: args}, index) => {
    const contentBlockIndex = index + 1
    const start = {toolUse: {toolUseId, name}}
    frames.push(message('contentBlockStart', {contentBlockIndex, start}))
    for (const p of pieces(JSON.stringify(args), 10))
      delta(contentBlockIndex, {toolUse: {input: p}})
    stop(contentBlockIndex)
  })
  if (toolUses.length === 0) {
    for (const text of pieces(turn.answer)) delta(1, {text})
    stop(1)
  }
  frames.push(message('messageStop', {stopReason}), message('metadata', {usage, metrics}))
  return {frames}
}
