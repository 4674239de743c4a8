/**
 * Which responses may be a model's: by the shape of the path, never by host alone, since proxies and
 * local servers stand under any name. What the response is, its first message decides.
 */
import type {WireFormat} from './formats.ts'

/** What is known of a response before its body. */
export interface ResponseShape {
  url: string
  /** @defaultValue `POST` */
  method?: string | undefined
  /** The response's `content-type`. */
  contentType?: string | null | undefined
  /** Asked where the path says nothing. */
  requestBody?: string | undefined
}

type Rule = readonly [path: RegExp, formats: readonly WireFormat[]]

/** Whatever Bedrock's InvokeModel, Vertex' rawPredict and the like wrap. */
const NATIVE: readonly WireFormat[] = ['anthropic', 'openai-chat', 'cohere', 'ollama', 'gemini']

/** Paths end so; what stands before is a proxy's, a deployment's or a version's. Case matters. */
const RULES: readonly Rule[] = [
  [/\/(?:chat\/)?completions$/, ['openai-chat']],
  [/\/responses(?:\/[\w.:-]{1,256})?$/, ['openai-responses']],
  [/\/messages$/, ['anthropic']],
  [/:(?:stream)?[gG]enerateContent$/, ['gemini']],
  [/:(?:streamR|r)awPredict$/, NATIVE],
  [/\/model\/[^/]{1,2048}\/converse(?:-stream)?$/, ['bedrock']],
  [/\/model\/[^/]{1,2048}\/invoke(?:-with-response-stream)?$/, NATIVE],
  [/\/api\/(?:chat|generate)$/, ['ollama', 'openai-chat']],
  [/\/v2\/chat$/, ['cohere', 'openai-chat']],
  // watsonx, Databricks and SageMaker answer like Chat Completions.
  [/\/text\/chat(?:_stream)?$/, ['openai-chat']],
  [/\/(?:serving-)?endpoints\/[^/]{1,256}\/invocations(?:-response-stream)?$/, NATIVE],
]

const READABLE = /json|event-?stream|text\/plain|octet-stream/i

/** Characters of a request that are looked at: its first keys say what it is. */
const MAX_PEEK = 65_536

/** What a request to a path that says nothing must hold, and what it then may be. */
const BODY_RULES: readonly (readonly [all: readonly RegExp[], formats: readonly WireFormat[]])[] = [
  [
    [/"messages"\s{0,8}:\s{0,8}\[/, /"(?:model|max_tokens|anthropic_version|stream)"\s{0,8}:/],
    ['openai-chat', 'anthropic', 'cohere', 'ollama', 'bedrock'],
  ],
  [[/"input"\s{0,8}:\s{0,8}[["]/, /"model"\s{0,8}:/], ['openai-responses']],
  [[/"contents"\s{0,8}:\s{0,8}[[{]/, /"parts"\s{0,8}:/], ['gemini']],
]

/** The path, without query and fragment; an address that cannot be parsed is looked at as it is. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  const path = (end === -1 ? url : url.slice(0, end)).replace(/^[a-z][\w+.-]{0,32}:\/\/[^/]*/i, '')
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/**
 * The formats that a response may be in, likeliest first; none where it is no model's response or
 * cannot be read (an image, a page).
 */
export function recogniseResponse(shape: ResponseShape): readonly WireFormat[] {
  const {url, contentType, requestBody} = shape
  if (contentType && !READABLE.test(contentType)) return []
  const method = (shape.method ?? 'POST').toUpperCase()
  const path = pathOf(url)
  const rule = RULES.find(([pattern]) => pattern.test(path))
  if (method === 'GET') {
    // A response that was made in the background is fetched by its id.
    const isById = /\/responses\/[\w.:-]{1,256}$/.test(path)
    return isById ? ['openai-responses'] : []
  }
  if (method !== 'POST') return []
  if (rule !== undefined) return rule[1]
  if (requestBody === undefined) return []
  const head = requestBody.slice(0, MAX_PEEK)
  const found = BODY_RULES.find(([all]) => all.every((pattern) => pattern.test(head)))
  return found?.[1] ?? []
}

/** Hosts of providers, as their names end; only for the name, not for recognising. */
const PROVIDERS: readonly (readonly [suffix: string, name: string])[] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['models.ai.azure.com', 'azure.ai.inference'],
  ['openai.com', 'openai'],
  ['anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['amazonaws.com', 'aws.bedrock'],
  ['api.aws', 'aws.bedrock'],
  ['cohere.com', 'cohere'],
  ['cohere.ai', 'cohere'],
  ['deepseek.com', 'deepseek'],
  ['groq.com', 'groq'],
  ['mistral.ai', 'mistral_ai'],
  ['perplexity.ai', 'perplexity'],
  ['x.ai', 'x_ai'],
  ['ml.cloud.ibm.com', 'ibm.watsonx.ai'],
  ['openrouter.ai', 'openrouter'],
  ['cerebras.ai', 'cerebras'],
  ['together.xyz', 'together_ai'],
  ['fireworks.ai', 'fireworks_ai'],
  ['ollama.com', 'ollama'],
]

/** Who can be meant where only the format is known: formats that nobody else speaks. */
const PROVIDER_OF_FORMAT: Partial<Record<WireFormat, string>> = {
  anthropic: 'anthropic',
  bedrock: 'aws.bedrock',
  cohere: 'cohere',
  gemini: 'gcp.gemini',
  ollama: 'ollama',
}

/** The value of `gen_ai.provider.name`, as far as host and format say it. */
export function providerOf(url: string, format?: WireFormat): string | undefined {
  const host = /^[a-z][\w+.-]{0,32}:\/\/(?:[^/@]*@)?([^/:?#]{1,256})/i.exec(url)?.[1]?.toLowerCase()
  const known = PROVIDERS.find(
    ([suffix]) => host === suffix || (host?.endsWith(`.${suffix}`) ?? false),
  )
  // `us-central1-aiplatform.googleapis.com`
  if (known === undefined && host?.endsWith('-aiplatform.googleapis.com')) return 'gcp.vertex_ai'
  return known?.[1] ?? (format === undefined ? undefined : PROVIDER_OF_FORMAT[format])
}
