// @ts-check
/** Spans that every measurement uses: an HTTP span, a model call of 2.7 KB, one of 175 KB. */

/**
 * Sentences as today's models write them: some 22 steps in 2.7 KB, where labelled reasoning of
 * theirs comes to 15 (everyday and business requests) to 23 (agents).
 */
const SENTENCES = [
  'The customer asks for a refund of order A-1042, which was delivered three weeks ago.',
  'The customer also says that the box was opened once.',
  'First I need to find out which policy applies to this order before I compare any dates.',
  'Our policy for electronics allows returns within 30 days of delivery, while clothing has 60 days.',
  'The order contains wireless headphones for $99.00 and was shipped on March 3.',
  'The delivery was on March 6, and today is March 29.',
  'So that makes 23 days since delivery, which is inside the 30-day refund window.',
  'That means the refund is allowed in principle.',
  'Wait, I should double-check whether the opened-box exception changes this.',
  'The exception removes the restocking waiver, which means a 10% restocking fee of $9.90.',
  'So the amount that is left is $89.10.',
  'I will therefore approve the refund of $89.10 and explain the fee clearly.',
]

/** @param {number} length in characters */
export function thought(length) {
  let text = ''
  for (let i = 0; text.length < length; i += 1) text += `${SENTENCES[i % SENTENCES.length]} `
  return text.slice(0, length)
}

/** Attributes of a plain span: ten, some 480 bytes. */
export const plainAttributes = () => ({
  'http.request.method': 'GET',
  'url.full': 'https://shop.example/orders/A-1042?expand=items,shipments',
  'url.scheme': 'https',
  'server.address': 'shop.example',
  'server.port': 443,
  'http.response.status_code': 200,
  'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0',
  'network.protocol.version': '1.1',
  'http.route': '/orders/:id',
  'client.address': '10.0.0.7',
})

/** @param {number} length of the reasoning, in characters */
export const callAttributes = (length) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-sonnet-4-5',
  'gen_ai.response.model': 'claude-sonnet-4-5',
  'gen_ai.response.id': 'msg_0123456789',
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.input_tokens': 412,
  'gen_ai.usage.output_tokens': 763,
  'gen_ai.usage.reasoning.output_tokens': 640,
  'gen_ai.output.messages': JSON.stringify([
    {
      role: 'assistant',
      parts: [
        {type: 'reasoning', content: thought(length)},
        {type: 'text', content: 'Your order A-1042 qualifies for a refund of $89.10.'},
      ],
      finish_reason: 'stop',
    },
  ]),
})
