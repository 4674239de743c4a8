// An agent as people write it: a client, a tool, a loop. Nothing in here knows of OpenTelemetry.
import {parseArgs} from 'node:util'
import OpenAI from 'openai'

const {values} = parseArgs({options: {mock: {type: 'boolean', default: false}}})

let mock
if (values.mock) {
  const {startMockProviders} = await import('../../test/mock-providers/server.mjs')
  mock = await startMockProviders({delayMs: 15})
}
const client = new OpenAI(mock ? {baseURL: `${mock.url}/v1`, apiKey: 'none'} : {})

const tools = [
  {
    type: 'function',
    function: {
      name: 'lookup_order',
      description: 'Delivery date and contents of an order',
      parameters: {type: 'object', properties: {order_id: {type: 'string'}}},
    },
  },
]

async function lookUpOrder({order_id: id}) {
  await new Promise((resolve) => setTimeout(resolve, 40))
  return {order_id: id, delivered: '2026-03-06', contents: 'wireless headphones', opened: true}
}

const messages = [{role: 'user', content: 'I opened the box. May I still return order A-1042?'}]

for (;;) {
  const stream = client.chat.completions.stream({
    model: process.env.OPENAI_MODEL ?? 'deepseek-reasoner',
    messages,
    tools,
  })
  const {message} = (await stream.finalChatCompletion()).choices[0]
  messages.push(message)
  if (!message.tool_calls?.length) {
    console.log(message.content)
    break
  }
  for (const {id, function: call} of message.tool_calls) {
    const result = await lookUpOrder(JSON.parse(call.arguments))
    messages.push({role: 'tool', tool_call_id: id, content: JSON.stringify(result)})
  }
}
await mock?.close()
