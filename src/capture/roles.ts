/** Whose message an object is, and which messages of a list are the model's answer. */

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `input` is everything that went into the call: prompts, tool results, earlier turns' marks. */
export type Role = 'output' | 'user' | 'tool' | undefined

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    assistant: 'output',
    ai: 'output',
    aimessage: 'output',
    aimessagechunk: 'output',
    model: 'output',
    chatbot: 'output',
    response: 'output',
    thinking: 'output',
    'gen_ai.choice': 'output',
    user: 'user',
    human: 'user',
    humanmessage: 'user',
    humanmessagechunk: 'user',
    system: 'user',
    systemmessage: 'user',
    developer: 'user',
    request: 'user',
    'gen_ai.user.message': 'user',
    'gen_ai.system.message': 'user',
    tool: 'tool',
    toolmessage: 'tool',
    function: 'tool',
    functionmessage: 'tool',
    'gen_ai.tool.message': 'tool',
  }),
)

const roleOfName = (name: unknown): Role =>
  typeof name === 'string' && name.length < 40 ? ROLES.get(name.toLowerCase()) : undefined

/** Types that name a message's role; a part's `type` is never one of these. */
const isMessageType = (type: unknown): boolean =>
  typeof type === 'string' &&
  /^(?:ai|assistant|human|user|system|tool|\w+Message(?:Chunk)?)$/.test(type)

/** The role of a message, in the words of OpenAI, LangChain, Gemini, pydantic-ai or the events. */
export function messageRole(object: Fields): Role {
  const named = roleOfName(object['role']) ?? roleOfName(object['event.name'])
  if (named !== undefined) return named
  const {type, id, kind} = object
  // LangChain's serialised form: `id: ["langchain", "schema", "messages", "AIMessage"]`.
  if (Array.isArray(id)) {
    const role = roleOfName(id.at(-1))
    if (role !== undefined) return role
  }
  // A type names a role where a content stands beside it, or the `data` of an older serialisation.
  const isMessage = object['content'] !== undefined || object['data'] !== undefined
  if (isMessage && isMessageType(type)) return roleOfName(type)
  return kind === 'request' || kind === 'response' ? roleOfName(kind) : undefined
}

/** Whether a message of this role went into the call. */
export const isInputRole = (role: Role): boolean => role === 'user' || role === 'tool'

/**
 * The messages of a list that this call gave: what stands behind the last user or system message,
 * without tool results. In a list of events with choices, the choices.
 */
export function ownMessages(list: readonly unknown[]): readonly unknown[] {
  let from = 0
  let hasChoice = false
  let hasInput = false
  list.forEach((item, index) => {
    if (!isObject(item)) return
    if (item['event.name'] === 'gen_ai.choice') hasChoice = true
    const role = messageRole(item)
    if (role === 'user') from = index + 1
    if (isInputRole(role)) hasInput = true
  })
  if (hasChoice) {
    return list.filter((item) => isObject(item) && item['event.name'] === 'gen_ai.choice')
  }
  return hasInput
    ? list.slice(from).filter((item) => !isObject(item) || messageRole(item) !== 'tool')
    : list
}
