/** AI SDK 7's `Telemetry` integration. */
import {getModelSpans, type SeenSpan} from '../../model-spans.ts'
import {type FollowedCall, followCall} from './follow-call.ts'
import {type AiSdkOptions, createHook} from './options.ts'

interface OperationEvent {
  readonly callId: string
}

/** What is read of the event that goes with a call of a model. */
interface ModelCallEvent extends OperationEvent {
  readonly provider?: string | undefined
  readonly modelId?: string | undefined
  readonly tools?: unknown
  readonly recordOutputs?: boolean | undefined
}

/** What is read of the end of a call of a model. */
interface ModelCallEndEvent extends OperationEvent {
  readonly modelId?: string | undefined
  readonly responseId?: string | undefined
  readonly content?: unknown
  readonly usage?: unknown
  readonly finishReason?: unknown
}

/** A `Telemetry` integration of AI SDK 7. @public */
export interface ReasoningTelemetry {
  onStepStart(event: OperationEvent): void
  onLanguageModelCallStart(event: ModelCallEvent): void
  executeLanguageModelCall<T>(
    options: ModelCallEvent & {execute: () => PromiseLike<T>},
  ): PromiseLike<T>
  onLanguageModelCallEnd(event: ModelCallEndEvent): void
  onEnd(event: OperationEvent): void
  onAbort(event: OperationEvent): void
  onError(event: unknown): void
}

/** One operation (`generateText`, `streamText`): its steps call the model one after the other. */
interface Operation {
  /** The span that another integration made for the call that comes next. */
  given: SeenSpan | undefined
  /** The call that was made last, until its end is known. */
  call: FollowedCall | undefined
}

/** Operations that are followed at once; of the oldest ones the rest is lost. */
const MAX_OPERATIONS = 10_000

const callIdOf = (event: unknown): string =>
  typeof event === 'object' && event !== null && 'callId' in event ? String(event.callId) : ''

/**
 * Sees what models give to AI SDK 7: reasoning, tool calls, answer and usage go to the span of the
 * call, with the times at which streamed text came; where nobody made a span for the call, it makes
 * one. The results are the same with and without it.
 *
 * @throws TypeError on wrong values and on unknown options
 * @example
 * registerTelemetry(createReasoningTelemetry())
 * @public
 */
export function createReasoningTelemetry(options: AiSdkOptions = {}): ReasoningTelemetry {
  const hook = createHook('createReasoningTelemetry', options)
  const operations = new Map<string, Operation>()

  const operationOf = (callId: string): Operation => {
    let operation = operations.get(callId)
    if (operation === undefined) {
      operation = {given: undefined, call: undefined}
      operations.set(callId, operation)
      for (const [oldest, {call}] of operations) {
        if (operations.size <= MAX_OPERATIONS) break
        operations.delete(oldest)
        call?.close(false)
      }
    }
    return operation
  }

  // Integrations hear of an event one after the other: one before us has just started its span.
  const noteSpan = (event: OperationEvent): void => {
    if (hook === undefined) return
    const given = getModelSpans().startedJustNow?.()
    if (given !== undefined) operationOf(callIdOf(event)).given = given
  }

  const over = (event: unknown, isAborted: boolean): void => {
    const callId = callIdOf(event)
    const call = operations.get(callId)?.call
    operations.delete(callId)
    call?.close(isAborted)
  }

  return {
    onStepStart(event) {
      const operation = operations.get(callIdOf(event))
      if (operation !== undefined) {
        operation.call?.close(false)
        operation.call = undefined
        operation.given = undefined
      }
      noteSpan(event)
    },
    onLanguageModelCallStart: noteSpan,
    executeLanguageModelCall<T>(
      event: ModelCallEvent & {execute: () => PromiseLike<T>},
    ): PromiseLike<T> {
      const {execute, provider, modelId, tools, recordOutputs} = event
      if (hook === undefined) return execute()
      const operation = operationOf(callIdOf(event))
      const before = operation.call
      if (before?.mayGoOn() !== true) {
        before?.close(false)
        operation.call = followCall(
          {
            provider,
            modelId,
            tools,
            abortSignal: undefined,
            recordOutputs: recordOutputs !== false,
          },
          hook,
          {given: operation.given, mayRetry: true, attempts: before?.attempts},
        )
      }
      return operation.call === undefined ? execute() : operation.call.run(execute)
    },
    onLanguageModelCallEnd(event) {
      const {content, usage, finishReason, responseId, modelId} = event
      operations.get(callIdOf(event))?.call?.told({
        content,
        usage,
        finishReason,
        response: {id: responseId, modelId},
      })
    },
    onEnd: (event) => over(event, false),
    onAbort: (event) => over(event, true),
    onError(event) {
      const callId = callIdOf(event)
      // A stream goes on after an error that is one of its parts.
      operations.get(callId)?.call?.settle()
      operations.delete(callId)
    },
  }
}
