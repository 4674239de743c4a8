// @ts-check
/** Spans that every measurement uses: an HTTP span, a model call of 2.7 KB, one of 175 KB. */

/** Sentences as today's models write them; eight steps or so in 2.7 KB. */
const SENTENCES = [
  'The customer asks for a refund of order A-1042, which was delivered three weeks ago.',
  'First I need to find out which policy applies to this order before I compare any dates.',
  'Our policy for electronics allows returns within 30 days of delivery, while clothing has 60 days.',
  'The order contains wireless headphones, which are electronics, so the 30-day window is the relevant one.',
  'The purchase date was March 3 and delivery was March 6, and today is March 29.',
  'That makes 23 days since delivery, which is inside the 30-day refund window.',
  'Wait, I should double-check whether the opened-box exception changes this, because the box was opened.',
  'The exception only removes the restocking waiver, so the refund is still allowed minus a 10% restocking fee.',
  'Hmm, I am not sure whether the fee applies to the shipping costs as well.',
  'Actually, the shipping was free, so there is nothing to deduct from it.',
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
