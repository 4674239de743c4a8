/**
 * What is read of the AI SDK's own objects, of its versions 5, 6 and 7 alike. Structural, so that
 * nobody needs the SDK's types; nothing is trusted to be there.
 */

/** A model: `provider` is `openai.responses`, `anthropic.messages`, `google.generative-ai`, … */
export interface ModelLike {
  readonly provider?: string | undefined
  readonly modelId?: string | undefined
}

/** What a model is called with. */
export interface CallOptionsLike {
  readonly tools?: unknown
  readonly abortSignal?: AbortSignal | undefined
}

/** One call of a model, before it is made. */
export interface ModelRequest {
  readonly provider: string | undefined
  readonly modelId: string | undefined
  /** A list of tools with names, or nothing. */
  readonly tools: unknown
  readonly abortSignal: AbortSignal | undefined
  /** Whether what the model says may be told at all. */
  readonly recordOutputs: boolean
}

export const isStream = (value: unknown): value is ReadableStream<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as {getReader?: unknown}).getReader === 'function'
