/** What a request says of the call that its response does not: the model asked for, tools, prompt. */
import {asList, asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {WireFormat} from './formats.ts'
import {asName} from './message-facts.ts'
import {type CarriedResults, readToolResults} from './tool-results.ts'

export interface WireRequest {
  model?: string | undefined
  /** Names of the tools that the model may call; not those that the provider runs itself. */
  toolsOffered: readonly string[]
  /** Id of a prompt that the provider keeps, and its version. */
  promptName?: string | undefined
  promptVersion?: string | undefined
  /** Alternatives that were asked for. @defaultValue 1 */
  choices: number
  stream: boolean
  /** Results of tool calls, where they were asked for. */
  carried?: CarriedResults | undefined
  /** The body was too long or no JSON, so that the rest is only what the address says. */
  incomplete: boolean
}

/** Longest request body that is parsed (code units). Longer ones carry images; they are not read. */
const MAX_BODY = 4 * 1024 * 1024

/** Tools that are listed, at most. */
const MAX_TOOLS = 1024

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** `…/models/{model}:generateContent`, `…/model/{id}/converse`, `…/deployments/{name}/…` */
const MODEL_IN_PATH =
  /\/(?:models?|deployments|endpoints|serving-endpoints)\/([^/?#:]{1,512}(?::[^/?#:]{1,128})?)(?=[/:])/

/** `arn:aws:bedrock:…:prompt/{id}:{version}` stands in the model's place. */
const PROMPT_ARN = /:prompt\/([\w-]{1,128})(?::(\w{1,16}))?$/

function modelInUrl(url: string | undefined): string | undefined {
  // Colons of a model's id are percent-encoded by some clients.
  const match = url === undefined ? null : MODEL_IN_PATH.exec(url)
  const name = match?.[1]
  if (name === undefined) return undefined
  const model = decoded(name)
  // `model:generateContent` is a model and a method.
  return model.replace(/:(?:stream)?(?:generateContent|GenerateContent|rawPredict|RawPredict)$/, '')
}

/** Names in a list of tools, in each format's shape. */
function toolNames(tools: unknown): string[] {
  const names: string[] = []
  const add = (name: string): void => {
    if (name !== '' && names.length < MAX_TOOLS && !names.includes(name)) names.push(name)
  }
  for (const tool of asList(tools)) {
    if (!isObject(tool)) continue
    // Gemini lists declarations inside one tool.
    const declarations = tool['functionDeclarations'] ?? tool['function_declarations']
    for (const declaration of asList(declarations)) add(asName(asObject(declaration)['name']))
    const inner = tool['function'] ?? tool['custom'] ?? tool['toolSpec']
    if (isObject(inner)) add(asName(inner['name']))
    else if (isOurs(tool)) add(asName(tool['name']))
  }
  return names
}

/** Anthropic's and OpenAI's own tools have a name as well, and a type that says whose they are. */
const isOurs = (tool: Fields): boolean => {
  const type = asText(tool['type'])
  return type === '' || type === 'function' || type === 'custom'
}

/**
 * Reads a request's body; never throws.
 *
 * @param url names the model in some formats
 * @param results whether results of tool calls are read too, and with their text
 */
export function readRequest(
  format: WireFormat,
  bodyText: string,
  url?: string,
  results?: {withText: boolean},
): WireRequest {
  const fromUrl = modelInUrl(url)
  let body: unknown
  try {
    body = bodyText.length > MAX_BODY ? undefined : JSON.parse(bodyText)
  } catch {
    body = undefined
  }
  const request: WireRequest = {
    toolsOffered: [],
    choices: 1,
    stream: /[:/]stream|-stream\b|alt=sse/i.test(url ?? ''),
    incomplete: !isObject(body),
  }
  const fields = asObject(body)
  if (results !== undefined) request.carried = readToolResults(fields, results.withText)
  // Azure's deployments and Bedrock's ids are in the address only; elsewhere the body knows better.
  const model = asName(fields['model']) || (fromUrl ?? '')
  const prompt = PROMPT_ARN.exec(model)
  if (prompt === null) {
    if (model !== '') request.model = model
  } else {
    request.promptName = prompt[1]
    request.promptVersion = prompt[2]
  }
  request.toolsOffered = toolNames(
    format === 'bedrock' ? asObject(fields['toolConfig'])['tools'] : fields['tools'],
  )
  const settings = fields['generationConfig'] ?? fields['generation_config']
  const choices = format === 'gemini' ? asObject(settings)['candidateCount'] : fields['n']
  if (typeof choices === 'number' && Number.isInteger(choices) && choices > 1) {
    request.choices = choices
  }
  // Ollama streams unless it is told not to.
  if (fields['stream'] === true || (format === 'ollama' && fields['stream'] === undefined)) {
    request.stream = true
  }
  const stored = fields['prompt']
  if (isObject(stored)) {
    request.promptName = asName(stored['id']) || undefined
    request.promptVersion = asName(stored['version']) || undefined
  }
  return request
}
