/** Alternatives of one call: what one of them did is not the other one's. */
import {afterEach, beforeEach, expect, test} from 'vitest'
import {tapFetch} from '../../src/fetch.ts'
import {type LocalServer, type Pipeline, readAll, REQUEST, serve, startPipeline} from './tapped.ts'

let pipeline: Pipeline
let server: LocalServer
let choices: object[]
beforeEach(async () => {
  pipeline = startPipeline()
  server = await serve((_req, res) => {
    res
      .writeHead(200, {'content-type': 'application/json'})
      .end(JSON.stringify({id: '1', model: 'deepseek-r1', choices}))
  })
})
afterEach(async () => {
  await server.close()
  await pipeline.stop()
})

const call = (name: string): object => ({
  id: `call_${name}`,
  type: 'function',
  function: {name, arguments: '{}'},
})
const choice = (index: number, message: object): object => ({
  index,
  message: {role: 'assistant', content: null, ...message},
  finish_reason: 'tool_calls',
})
const ask = (): Promise<void> =>
  pipeline.under('agent', async () => {
    await readAll(await tapFetch(fetch)(`${server.url}/v1/chat/completions`, REQUEST))
  })
const toolsOf = (index: number): unknown[] =>
  pipeline
    .steps()
    .filter(
      ({parentSpanContext}) =>
        parentSpanContext?.spanId === pipeline.blocks()[index]?.spanContext().spanId,
    )
    .flatMap(({attributes}) => attributes['reasoning.tool.names'] ?? [])

test('a call of an alternative without a thought leads back to no other one’s', async () => {
  choices = [
    choice(0, {
      reasoning_content: 'First I need to look it up. So I call look_up.',
      tool_calls: [call('look_up')],
    }),
    choice(1, {tool_calls: [call('refund')]}),
  ]
  await ask()
  expect(pipeline.blocks()).toHaveLength(1)
  expect(toolsOf(0)).toEqual(['look_up'])
})

test('each thought is compared with its own answer', async () => {
  choices = [
    choice(0, {reasoning_content: 'So the final answer is 41.', content: 'The answer is 41.'}),
    choice(1, {reasoning_content: 'So the final answer is 17.', content: 'The answer is 17.'}),
  ]
  await ask()
  expect(pipeline.blocks().map(({attributes}) => attributes['reasoning.choice.index'])).toEqual([
    0, 1,
  ])
  for (const {attributes} of pipeline.blocks()) {
    expect(attributes['reasoning.signals'] ?? []).not.toContain('answer_mismatch')
  }
})
