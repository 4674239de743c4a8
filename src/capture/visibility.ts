/** Whether a text is the model's own or the provider's summary of it, where its shape does not say. */
import type {Visibility} from '../model.ts'

/** Who answered, as far as the span says it. */
export interface Origin {
  provider?: string | undefined
  model?: string | undefined
  /** The model that answered, where that is not the one that was asked for (a router). */
  responseModel?: string | undefined
}

/** Models that hand out their own text: open weights, Claude, and what is served like them. */
const OWN_TEXT =
  /gpt-oss|deepseek|qwen|qwq|kimi|moonshot|glm|llama|mistral|magistral|minimax|nemotron|gemma|claude|command-|ernie|hunyuan|seed-oss|phi-\d|smollm|granite|nova-/i
/** OpenAI's own models: a Responses reasoning item holds summaries only. */
const OPENAI_MODEL = /(?:^|[/.:@_ -])(?:o[1-9](?:$|[-_.@: ])|gpt-|chatgpt|codex|computer-use)/i
/** Google documents thoughts as summaries of the model's thinking. */
const GOOGLE_MODEL = /gemini/i
const GOOGLE_PROVIDER = /google|gemini|vertex|gcp\./i
const OPENAI_PROVIDER = /openai|azure|az\.ai/i
/** Where the model's name says nothing: deployments are named freely, Responses gives summaries. */
const OPENAI_ITSELF = /azure|az\.ai|responses/i

function ofModel(model: string | undefined): Visibility | undefined {
  if (model === undefined || model === '') return undefined
  if (OWN_TEXT.test(model)) return 'full'
  if (OPENAI_MODEL.test(model) || GOOGLE_MODEL.test(model)) return 'summary'
  return undefined
}

/**
 * The visibility of a text under a name that is used for both.
 *
 * @param typed the text stood in a part with a type (`{type: "reasoning"}`), as Responses has them,
 *   and not in a Chat field (`reasoning_content`), which OpenAI itself never fills
 */
export function textVisibility(origin: Origin, typed: boolean): Visibility {
  const known = ofModel(origin.responseModel) ?? ofModel(origin.model)
  if (known !== undefined) return known
  const provider = origin.provider ?? ''
  if (GOOGLE_PROVIDER.test(provider)) return 'summary'
  if (!typed || !OPENAI_PROVIDER.test(provider)) return 'full'
  // Servers that speak OpenAI's formats are called `openai` too: their models have other names.
  const model = origin.responseModel ?? origin.model
  return model === undefined || OPENAI_ITSELF.test(provider) ? 'summary' : 'full'
}

/** Whether the model is one that never has its text summarised. */
export const showsOwnText = (origin: Origin): boolean =>
  (ofModel(origin.responseModel) ?? ofModel(origin.model)) === 'full'

/**
 * The visibility of a block that was read where nobody said which model it was (a log event), once
 * the span has said it.
 */
export function settledVisibility(visibility: Visibility, origin: Origin): Visibility {
  if (visibility !== 'full' && visibility !== 'summary') return visibility
  return ofModel(origin.responseModel) ?? ofModel(origin.model) ?? visibility
}
