import {SpanKind, SpanStatusCode, trace} from '@opentelemetry/api'
import {toolDefinitions, tools} from './tools.js'

const AGENT = 'refund-agent'
const MAX_MODEL_CALLS = 6

const INSTRUCTIONS = `You are the refund agent of an online shop. Today is March 29, 2026.
Refund policy:
- Electronics: refund within 30 days of delivery.
- Clothing: refund within 60 days of delivery.
- Electronics with an opened box: a restocking fee of 10% of the price is kept.
- Defective goods: full refund within one year of delivery, no fee.
Look the order up before you decide. Refunds reach the card in three to five business days.`

const tracer = trace.getTracer(AGENT)

/**
 * Answers one customer: calls the model, runs the tools that it asks for, calls it again with
 * their results, until it answers in words.
 */
export function runRefundAgent({client, model, message, conversationId}) {
  return inSpan(
    `invoke_agent ${AGENT}`,
    {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'openai',
      'gen_ai.agent.name': AGENT,
      'gen_ai.request.model': model,
      'gen_ai.conversation.id': conversationId,
    },
    async () => {
      const input = [{role: 'user', content: message}]
      for (let call = 0; call < MAX_MODEL_CALLS; call++) {
        const response = await client.responses.create({
          model,
          instructions: INSTRUCTIONS,
          input,
          tools: toolDefinitions,
          store: false,
        })
        const toolCalls = response.output.filter((item) => item.type === 'function_call')
        if (toolCalls.length === 0) return response.output_text
        // The model gets its own reasoning back: reasoning models want it within a tool loop.
        input.push(...response.output)
        for (const toolCall of toolCalls) input.push(await runTool(toolCall))
      }
      throw new Error(`${AGENT} gave no answer within ${MAX_MODEL_CALLS} model calls`)
    },
  )
}

function runTool({name, call_id, arguments: args}) {
  return inSpan(
    `execute_tool ${name}`,
    {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': call_id,
      'gen_ai.tool.call.arguments': args,
    },
    async (span) => {
      const output = JSON.stringify(await tools[name](JSON.parse(args)))
      span.setAttribute('gen_ai.tool.call.result', output)
      return {type: 'function_call_output', call_id, output}
    },
  )
}

function inSpan(name, attributes, work) {
  return tracer.startActiveSpan(name, {kind: SpanKind.INTERNAL, attributes}, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      span.recordException(error)
      span.setStatus({code: SpanStatusCode.ERROR, message: error.message})
      throw error
    } finally {
      span.end()
    }
  })
}
