/** Options of both hooks, checked once. */
import type {TracerProvider} from '@opentelemetry/api'
import {createFaultReport, type FaultReport} from '../../fault-report.ts'
import {getHub} from '../../hub.ts'
import {getModelSpans} from '../../model-spans.ts'
import {makeLimits, type WireLimits} from '../wire/limits.ts'

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
export interface Hook {
  readonly createSpans: boolean | undefined
  readonly tracerProvider: TracerProvider | undefined
  readonly limits: Partial<WireLimits> | undefined
  readonly faults: FaultReport
}

const KNOWN: Readonly<Record<keyof AiSdkOptions, true>> = {
  createSpans: true,
  tracerProvider: true,
  limits: true,
  onError: true,
}

const got = (value: unknown): string => (value === null ? 'null' : typeof value)

const isDisabled = (): boolean =>
  typeof process === 'object' && process.env?.['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'

/**
 * Checks options and makes ready.
 *
 * @returns `undefined` where OpenTelemetry is switched off: nothing is to be followed
 * @throws TypeError on wrong values and on unknown options
 */
export function createHook(owner: string, options: AiSdkOptions): Hook | undefined {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${owner}: expected an options object, got ${got(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (!(name in KNOWN)) {
      throw new TypeError(
        `${owner}: unknown option \`${name}\`; the options are ${Object.keys(KNOWN).join(', ')}`,
      )
    }
  }
  const {createSpans, tracerProvider, limits, onError} = options
  if (createSpans !== undefined && typeof createSpans !== 'boolean') {
    throw new TypeError(
      `${owner}: expected \`createSpans\` to be a boolean, got ${got(createSpans)}`,
    )
  }
  if (tracerProvider !== undefined && typeof tracerProvider?.getTracer !== 'function') {
    throw new TypeError(
      `${owner}: expected \`tracerProvider\` to be a tracer provider, got ${got(tracerProvider)} without \`getTracer\``,
    )
  }
  if (onError !== undefined && typeof onError !== 'function') {
    throw new TypeError(`${owner}: expected \`onError\` to be a function, got ${got(onError)}`)
  }
  makeLimits(limits)
  if (isDisabled()) return undefined
  getHub().announce()
  getModelSpans().watch()
  const faults = createFaultReport('otel-reasoning/ai-sdk', (error) => {
    try {
      onError?.(error instanceof Error ? error : new Error(String(error)))
    } catch {
      // Nobody is left to tell.
    }
  })
  return {createSpans, tracerProvider, limits, faults}
}
