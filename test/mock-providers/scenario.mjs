// What the mock model says. A conversation is a list of turns; the last one answers, the others call tools.
// The default conversation: a refund question, a thought of eight sentences, one tool call when tools are offered.
export const THOUGHT_SENTENCES = [
  'The user wants a refund for order A-1042, so I first need to identify which policy applies.',
  'Our policy for electronics allows returns within 30 days of delivery, while clothing has 60 days.',
  'The order contains wireless headphones, which are electronics, so the 30-day window is the relevant one.',
  'The purchase date was March 3 and delivery was March 6, and today is March 29.',
  'That makes 23 days since delivery, which is inside the 30-day refund window.',
  'Wait, I should double-check whether the opened-box exception changes this, because the user said the box was opened.',
  'The exception only removes the restocking waiver, so the refund is still allowed minus a 10% restocking fee.',
  'I will therefore approve the refund of $89.10 and explain the fee clearly.',
]
export const THOUGHT = THOUGHT_SENTENCES.join(' ')
export const SUMMARY_PARTS = [
  '**Identifying the refund policy**\n\nThe order contains headphones, so the 30-day electronics window applies. Delivery was on March 6 and today is March 29, which is 23 days.',
  '**Checking the opened-box exception**\n\nThe box was opened, so I verify the exception: it only adds a 10% restocking fee. I decide to approve a refund of $89.10.',
]
export const THOUGHT_BEFORE_TOOL =
  'The user wants a refund for order A-1042, but I do not know the delivery date yet. ' +
  'The refund window depends on the delivery date, so guessing would be wrong. ' +
  'I should call lookup_order with the order id before I compare it with the 30-day window.'
export const SUMMARY_BEFORE_TOOL = [
  '**Looking up the order**\n\nThe delivery date of order A-1042 is unknown and the refund window depends on it, so I will call lookup_order first.',
]
export const ANSWER =
  'Your order A-1042 qualifies for a refund of $89.10 (10% restocking fee for the opened box).'
export const TOOL = {name: 'lookup_order', arguments: {order_id: 'A-1042'}}
export const SIGNATURE = Buffer.from('mock-signature:' + '0123456789abcdef'.repeat(12)).toString(
  'base64',
)
export const REDACTED = Buffer.from(
  'mock-redacted-thinking:' + 'fedcba9876543210'.repeat(10),
).toString('base64')
export const ENCRYPTED =
  'gAAAAAB' +
  Buffer.from('mock-encrypted-reasoning:' + '0011223344556677'.repeat(12)).toString('base64url')
export const THOUGHT_SIGNATURE = Buffer.from(
  'mock-thought-signature:' + 'aabbccddeeff0011'.repeat(8),
).toString('base64')
export const USAGE = {input: 412, output: 263, reasoning: 187, answer: 76}

/** The conversation that is played unless a request names another. */
export const DEFAULT_CONVERSATION = [
  {
    thought: THOUGHT_BEFORE_TOOL,
    summary: SUMMARY_BEFORE_TOOL,
    lead: 'Let me look up your order.',
    calls: [TOOL],
  },
  {thought: THOUGHT, summary: SUMMARY_PARTS, answer: ANSWER},
].map((turn) => ({...turn, usage: USAGE}))

const TOOL_RESULT =
  /"role":"tool"|"type":"tool_result"|"type":"function_call_output"|"functionResponse"|"function_response"|"toolResult"/g

/**
 * The turn that answers this request, found from the request alone: as many turns are over as the
 * tool results in it account for; a request that offers no tools gets the last turn.
 */
export function plan(body, conversation = DEFAULT_CONVERSATION) {
  const offersTools = Array.isArray(body.tools)
    ? body.tools.length > 0
    : Boolean(body.toolConfig?.tools?.length)
  const last = conversation.length - 1
  let index = offersTools ? 0 : last
  let results = JSON.stringify(body).match(TOOL_RESULT)?.length ?? 0
  while (index < last && results > 0) results -= conversation[index++].calls?.length ?? 1
  return complete(conversation[index], body)
}

/** A turn may leave out what can be derived; tokens are then counted as four characters each. */
function complete(turn, body) {
  const calls = turn.calls ?? []
  const answer = turn.answer ?? ''
  const said = answer + calls.map((call) => JSON.stringify(call)).join('')
  const tokensIn = (text) => Math.ceil(text.length / 4)
  const tokens = {reasoning: tokensIn(turn.thought), answer: tokensIn(said)}
  return {
    ...turn,
    calls,
    answer,
    lead: turn.lead ?? '',
    summary: turn.summary ?? [turn.thought],
    usage: turn.usage ?? {
      input: tokensIn(JSON.stringify(body)),
      output: tokens.reasoning + tokens.answer,
      ...tokens,
    },
  }
}

let serial = 0
/** Ids grow by one per response: some instrumentations merge calls that share a response id. */
export const nextId = () => ++serial
/** The id of a response's tool call; the first one has no suffix. */
export const callId = (prefix, n, index) =>
  `${prefix}_mock${n}${index === 0 ? '' : `_${index + 1}`}`
/** Splits text into the small pieces a stream would carry. */
export function pieces(text, size = 48) {
  const out = []
  for (let i = 0; i < text.length; i += size) out.push(text.slice(i, i + size))
  return out
}
/** Cuts a thought in two after the sentence nearest to its middle, for thinking that is interleaved. */
export function halves(text) {
  const ends = [...text.matchAll(/\. /g)].map((match) => match.index + 2)
  const middle = ends.sort(
    (a, b) => Math.abs(a - text.length / 2) - Math.abs(b - text.length / 2),
  )[0]
  return middle === undefined ? [text] : [text.slice(0, middle).trimEnd(), text.slice(middle)]
}
