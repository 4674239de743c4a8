/** Options of whoever follows calls: the taps on responses and the hooks of frameworks. */
import type {TracerProvider} from '@opentelemetry/api'
import {createFaultReport, type FaultReport} from '../fault-report.ts'
import {makeLimits, type WireLimits} from './wire/limits.ts'

/** @public */
export interface FetchTapOptions {
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

/** What all calls of one tap or hook share. */
export interface CheckedTapOptions {
  readonly createSpans: boolean | undefined
  readonly tracerProvider: TracerProvider | undefined
  readonly limits: Partial<WireLimits> | undefined
  readonly faults: FaultReport
}

const KNOWN: Readonly<Record<keyof FetchTapOptions, true>> = {
  createSpans: true,
  tracerProvider: true,
  limits: true,
  onError: true,
}

const got = (value: unknown): string => (value === null ? 'null' : typeof value)

/**
 * Checks options.
 *
 * @param entry that faults are told of
 * @throws TypeError on wrong values and on unknown options
 */
export function checkTapOptions(
  owner: string,
  options: FetchTapOptions,
  entry: string,
): CheckedTapOptions {
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
  const faults = createFaultReport(entry, (error) => {
    try {
      onError?.(error instanceof Error ? error : new Error(String(error)))
    } catch {
      // Nobody is left to tell.
    }
  })
  return {createSpans, tracerProvider, limits, faults}
}
