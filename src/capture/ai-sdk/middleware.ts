/** A middleware for language models: AI SDK 5, 6 and 7. */
import {followCall} from './follow-call.ts'
import {type AiSdkOptions, createHook, type Hook} from './options.ts'
import type {CallOptionsLike, ModelLike, ModelRequest} from './shapes.ts'

/** A `LanguageModelMiddleware` of AI SDK 5, 6 and 7. @public */
export interface ReasoningMiddleware {
  /** What AI SDK 6 asks for; 5 and 7 take it. */
  readonly specificationVersion: 'v3'
  wrapGenerate<R>(options: {
    doGenerate: () => PromiseLike<R>
    params: CallOptionsLike
    model: ModelLike
  }): Promise<R>
  wrapStream<R>(options: {
    doStream: () => PromiseLike<R>
    params: CallOptionsLike
    model: ModelLike
  }): Promise<R>
}

function requestOf(params: CallOptionsLike, model: ModelLike): ModelRequest {
  return {
    provider: model?.provider,
    modelId: model?.modelId,
    tools: params?.tools,
    abortSignal: params?.abortSignal,
    recordOutputs: true,
  }
}

async function follow<R>(
  hook: Hook | undefined,
  execute: () => PromiseLike<R>,
  params: CallOptionsLike,
  model: ModelLike,
): Promise<R> {
  if (hook === undefined) return execute()
  const call = followCall(requestOf(params, model), hook, {mayRetry: false})
  return call === undefined ? execute() : call.run(execute)
}

/**
 * Sees what a model gives while it passes, and changes nothing: reasoning, tool calls, answer and
 * usage go to the span of the call, with the times at which streamed text came; where nobody made a
 * span for the call, it makes one.
 *
 * @throws TypeError on wrong values and on unknown options
 * @example
 * wrapLanguageModel({model, middleware: reasoningMiddleware()})
 * @public
 */
export function reasoningMiddleware(options: AiSdkOptions = {}): ReasoningMiddleware {
  const hook = createHook('reasoningMiddleware', options)
  return {
    specificationVersion: 'v3',
    wrapGenerate: ({doGenerate, params, model}) => follow(hook, doGenerate, params, model),
    wrapStream: ({doStream, params, model}) => follow(hook, doStream, params, model),
  }
}
