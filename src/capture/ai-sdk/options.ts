/** Options of both hooks, checked once. */
import type {TracerProvider} from '@opentelemetry/api'
import {getHub} from '../../hub.ts'
import {getModelSpans} from '../../model-spans.ts'
import {isSdkDisabled} from '../../sdk-disabled.ts'
import {type CheckedTapOptions, checkTapOptions} from '../tap-options.ts'
import type {WireLimits} from '../wire/limits.ts'

/** @public */
export interface AiSdkOptions {
  /**
   * Make a span (`chat {model}`) for a call that nobody else made one for. `true` makes one even where
   * there is no context manager, so that it cannot be known whose child it is; `false` makes none.
   *
   * @defaultValue where there is a context manager
   */
  createSpans?: boolean | undefined
  /** Makes those spans. @defaultValue the global one */
  tracerProvider?: TracerProvider | undefined
  /** What is held of one response at most. @defaultValue those of `WireLimits` */
  limits?: Partial<WireLimits> | undefined
  /** Called with faults that cost reasoning. Never with reasoning text. */
  onError?: ((error: Error) => void) | undefined
}

/** What all calls of one hook share. */
export type Hook = CheckedTapOptions

/**
 * Checks options and makes ready.
 *
 * @returns `undefined` where OpenTelemetry is switched off: nothing is to be followed
 * @throws TypeError on wrong values and on unknown options
 */
export function createHook(owner: string, options: AiSdkOptions): Hook | undefined {
  const checked = checkTapOptions(owner, options, 'otel-reasoning/ai-sdk')
  if (isSdkDisabled()) return undefined
  getHub().announce()
  getModelSpans().watch()
  return checked
}
