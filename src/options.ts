/** Options of every shell: documented, checked once, frozen. Explicit over environment over default. */
import type {MeterProvider} from '@opentelemetry/api'
import type {Check} from './checks/check.ts'
import {type CompiledCheck, compileChecks} from './checks/compile.ts'
import {createFaultReport, type FaultReport, warn} from './fault-report.ts'
import type {Granularity, KindClassifier, SignalName} from './model.ts'
import {GRANULARITIES, SIGNAL_SEVERITY} from './model.ts'
import {type ContentOption, type ContentPolicyResolver, createContentPolicy} from './policy.ts'

/** What a backend needs on our spans besides our own attributes. @public */
export type Compat = 'langfuse' | 'phoenix'

/** How a call and its blocks become spans. @public */
export interface ExpandOptions {
  /**
   * What may leave the process, or a function of provider, model, visibility and attributes.
   *
   * @defaultValue reasoning that stands on a span is kept; text that came by log event or from the
   * wire is `length`, unless `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` allows it
   */
  content?: ContentOption | undefined
  /** Key of the HMAC under `mask` and `hash`. Without it those policies write no hash. */
  hashKey?: string | Uint8Array | undefined
  /** Steps a call at most; the rest merge into the last one. @defaultValue 64 */
  maxSteps?: number | undefined
  /** Bytes of UTF-8 in `reasoning.text`, at most 60,000. @defaultValue 2000 */
  maxTextBytes?: number | undefined
  /** Write `reasoning.text_chunks` (16 KiB at most) where a step is longer. @defaultValue false */
  longText?: boolean | undefined
  /** Write `reasoning.text_hash` on steps too. @defaultValue false */
  stepHashes?: boolean | undefined
  /** Write `reasoning.caveat` on blocks. @defaultValue true */
  caveat?: boolean | undefined
  /**
   * Labels sentences: the built-in network, the built-in rules, or a function. The rules answer
   * where the network's data is missing and in languages that it does not know.
   *
   * @defaultValue 'network'
   */
  classifier?: KindClassifier | 'network' | 'rules' | undefined
  /**
   * How finely reasoning is cut into steps. `fine`: every run of one kind; `medium`: the longer the
   * text, the longer the steps; `coarse`: about half as many.
   *
   * @defaultValue 'medium'
   */
  granularity?: Granularity | undefined
  /** Turn single signals off: `{hidden: false}`. @defaultValue all on */
  signals?: Partial<Record<SignalName, boolean>> | undefined
  /** What you expect of the reasoning of each call; what is missed becomes a signal. @defaultValue none */
  checks?: readonly Check[] | undefined
  /** Adds what these backends need to show our spans. @defaultValue none */
  compat?: Compat | readonly Compat[] | undefined
  /** Attributes of the call that our spans carry too. @defaultValue session.id, user.id, tenant.id */
  copyAttributes?: readonly string[] | undefined
  /** Called with faults that cost reasoning spans. Never with reasoning text. */
  onError?: ((error: Error) => void) | undefined
}

/** How a processor or exporter handles load. @public */
export interface DeliveryOptions {
  /** Step spans a second; over it a call gets its blocks without steps. @defaultValue 1000 */
  maxSpansPerSecond?: number | undefined
  /** Milliseconds a call waits for an async classifier before it leaves with rules. @defaultValue 1000 */
  maxHoldMillis?: number | undefined
  /**
   * Milliseconds a second that analysis with the built-in network may take; over it calls are
   * labelled by the rules, and their blocks say so. @defaultValue 100
   */
  maxNetworkMillis?: number | undefined
  /** Spans that wait for analysis at once; over it calls leave unexpanded. @defaultValue 2048 */
  maxPendingSpans?: number | undefined
  /** UTF-16 code units of attribute text that wait at once. @defaultValue 33554432 (64 MiB) */
  maxPendingLength?: number | undefined
  /** `all`: the user's spans and ours. `reasoning`: ours only. @defaultValue 'all' */
  forward?: 'all' | 'reasoning' | undefined
  /** Takes our metrics. @defaultValue the global one, asked for anew whenever it changes */
  meterProvider?: MeterProvider | undefined
}

/** Options checked and completed. */
export interface ResolvedOptions {
  readonly policy: ContentPolicyResolver
  readonly maxSteps: number
  readonly maxTextBytes: number
  readonly longText: boolean
  readonly stepHashes: boolean
  readonly caveat: boolean
  readonly classifier: KindClassifier | 'network' | 'rules'
  readonly granularity: Granularity
  readonly signals: Partial<Record<SignalName, boolean>>
  readonly checks: readonly CompiledCheck[]
  readonly langfuse: boolean
  readonly phoenix: boolean
  readonly copyAttributes: readonly string[]
  readonly faults: FaultReport
  /** Told of a classifier that failed. */
  readonly onError: (error: unknown) => void
  readonly maxSpansPerSecond: number
  readonly maxHoldMillis: number
  readonly maxNetworkMillis: number
  readonly maxPendingSpans: number
  readonly maxPendingLength: number
  readonly forward: 'all' | 'reasoning'
  readonly meterProvider: MeterProvider | undefined
}

type AllOptions = ExpandOptions & DeliveryOptions

const DEFAULTS = Object.freeze({
  maxSteps: 64,
  maxTextBytes: 2000,
  maxSpansPerSecond: 1000,
  maxHoldMillis: 1000,
  maxNetworkMillis: 100,
  maxPendingSpans: 2048,
  maxPendingLength: 32 * 1024 * 1024,
  copyAttributes: Object.freeze(['session.id', 'user.id', 'tenant.id']),
})

// Badger, one of Jaeger's stores, refuses a value over 64 KB, and with it the whole span.
const MAX_TEXT_BYTES = 60_000

const KNOWN: Readonly<Record<keyof AllOptions, true>> = {
  content: true,
  hashKey: true,
  maxSteps: true,
  maxTextBytes: true,
  longText: true,
  stepHashes: true,
  caveat: true,
  classifier: true,
  granularity: true,
  signals: true,
  checks: true,
  compat: true,
  copyAttributes: true,
  onError: true,
  maxSpansPerSecond: true,
  maxHoldMillis: true,
  maxNetworkMillis: true,
  maxPendingSpans: true,
  maxPendingLength: true,
  forward: true,
  meterProvider: true,
}

const env = (name: string): string | undefined => {
  const value =
    typeof process === 'object' && process !== null ? process.env?.[name]?.trim() : undefined
  return value === '' ? undefined : value
}

const got = (value: unknown): string => `got \`${String(value)}\` (${typeof value})`

interface NumberRange {
  min: number
  max: number
}

function readNumber(
  owner: string,
  name:
    | 'maxSteps'
    | 'maxTextBytes'
    | 'maxSpansPerSecond'
    | 'maxHoldMillis'
    | 'maxNetworkMillis'
    | 'maxPendingSpans'
    | 'maxPendingLength',
  explicit: unknown,
  {min, max}: NumberRange,
): number {
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && value >= min && value <= max
  const expected = `a number from ${min} ${max === Infinity ? 'up' : `to ${max}`}`
  if (explicit !== undefined) {
    if (!fits(explicit))
      throw new TypeError(`${owner}: expected \`${name}\` to be ${expected}, ${got(explicit)}`)
    return explicit
  }
  const variable = `REASONING_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
  const text = env(variable)
  if (text === undefined) return DEFAULTS[name]
  const number = Number(text)
  if (fits(number)) return number
  warn(`${owner}: ignoring ${variable}, which should be ${expected}, ${got(text)}`)
  return DEFAULTS[name]
}

/**
 * A switch, by option or by environment (`REASONING_LIVE` for `live`).
 *
 * @throws TypeError where the option is neither true nor false
 */
export function readFlag(owner: string, name: string, explicit: unknown): boolean {
  if (typeof explicit === 'boolean') return explicit
  if (explicit !== undefined) {
    throw new TypeError(`${owner}: expected \`${name}\` to be a boolean, ${got(explicit)}`)
  }
  const variable = `REASONING_${name.toUpperCase()}`
  const text = env(variable)?.toLowerCase()
  if (text === undefined || text === 'false' || text === '0') return false
  if (text === 'true' || text === '1') return true
  warn(`${owner}: ignoring ${variable}, which should be true or false, ${got(text)}`)
  return false
}

function readCompat(owner: string, explicit: AllOptions['compat']): readonly Compat[] {
  const fromEnv = explicit === undefined ? env('REASONING_COMPAT')?.split(/[\s,]+/) : undefined
  const names: readonly string[] =
    explicit === undefined ? (fromEnv ?? []) : typeof explicit === 'string' ? [explicit] : explicit
  const known = names.filter((name) => name === 'langfuse' || name === 'phoenix')
  const unknown = names.find((name) => name !== 'langfuse' && name !== 'phoenix')
  if (unknown !== undefined) {
    const message = `${owner}: expected \`compat\` to be 'langfuse' or 'phoenix', ${got(unknown)}`
    if (explicit !== undefined) throw new TypeError(message)
    warn(message)
  }
  return known as Compat[]
}

function checkSignals(owner: string, signals: unknown): Partial<Record<SignalName, boolean>> {
  if (signals === undefined) return {}
  if (typeof signals !== 'object' || signals === null) {
    throw new TypeError(
      `${owner}: expected \`signals\` to be an object of names and booleans, ${got(signals)}`,
    )
  }
  for (const name of Object.keys(signals)) {
    if (!(name in SIGNAL_SEVERITY)) {
      throw new TypeError(
        `${owner}: unknown signal \`${name}\`; the signals are ${Object.keys(SIGNAL_SEVERITY).join(', ')}`,
      )
    }
  }
  return signals as Partial<Record<SignalName, boolean>>
}

/** A user's function may throw; what we were called from must not notice. */
function guardedOnError(onError: ExpandOptions['onError']): (error: unknown) => void {
  if (onError === undefined) return () => {}
  return (error) => {
    try {
      onError(error instanceof Error ? error : new Error(String(error)))
    } catch {
      // Nobody is left to tell.
    }
  }
}

/**
 * Checks and completes options.
 *
 * @param owner the class or function that the messages name
 * @param own further option names that `owner` takes itself
 * @throws TypeError on a value of the wrong type or range, and on a name that does not exist: a
 * misspelt `content` would otherwise keep what should have been dropped
 */
export function resolveOptions(
  owner: string,
  options: AllOptions = {},
  own: readonly string[] = [],
): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${owner}: expected an options object, ${got(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (!(name in KNOWN) && !own.includes(name)) {
      throw new TypeError(
        `${owner}: unknown option \`${name}\`; the options are ${[...own, ...Object.keys(KNOWN)].join(', ')}`,
      )
    }
  }
  const {classifier = 'network', forward = 'all', onError, copyAttributes} = options
  if (classifier !== 'network' && classifier !== 'rules' && typeof classifier !== 'function') {
    throw new TypeError(
      `${owner}: expected \`classifier\` to be 'network', 'rules' or a function, ${got(classifier)}`,
    )
  }
  const {granularity = 'medium'} = options
  if (!GRANULARITIES.includes(granularity)) {
    throw new TypeError(
      `${owner}: expected \`granularity\` to be one of ${GRANULARITIES.join(', ')}, ${got(granularity)}`,
    )
  }
  if (forward !== 'all' && forward !== 'reasoning') {
    throw new TypeError(
      `${owner}: expected \`forward\` to be 'all' or 'reasoning', ${got(forward)}`,
    )
  }
  if (onError !== undefined && typeof onError !== 'function') {
    throw new TypeError(`${owner}: expected \`onError\` to be a function, ${got(onError)}`)
  }
  const {meterProvider} = options
  if (meterProvider !== undefined && typeof meterProvider?.getMeter !== 'function') {
    throw new TypeError(
      `${owner}: expected \`meterProvider\` to have \`getMeter\`, ${got(meterProvider)}`,
    )
  }
  if (copyAttributes !== undefined && !Array.isArray(copyAttributes)) {
    throw new TypeError(
      `${owner}: expected \`copyAttributes\` to be an array of attribute keys, ${got(copyAttributes)}`,
    )
  }
  const reserved = copyAttributes?.find((key) => String(key).startsWith('reasoning'))
  if (reserved !== undefined) {
    throw new TypeError(`${owner}: \`copyAttributes\` cannot name our own keys, ${got(reserved)}`)
  }
  const compat = readCompat(owner, options.compat)
  let withholds = false
  const faults = createFaultReport(owner, guardedOnError(onError), () => withholds)
  const policy = createContentPolicy({
    content: options.content,
    hashKey: options.hashKey ?? env('REASONING_HASH_KEY'),
    onError: (error) => faults.tell('content policy', error, true),
  })
  withholds = policy.withholds
  return Object.freeze({
    policy,
    maxSteps: Math.floor(readNumber(owner, 'maxSteps', options.maxSteps, {min: 1, max: 1000})),
    maxTextBytes: Math.floor(
      readNumber(owner, 'maxTextBytes', options.maxTextBytes, {min: 0, max: MAX_TEXT_BYTES}),
    ),
    longText: options.longText ?? false,
    stepHashes: options.stepHashes ?? false,
    caveat: options.caveat ?? true,
    classifier,
    granularity,
    signals: checkSignals(owner, options.signals),
    checks: compileChecks(owner, options.checks),
    langfuse: compat.includes('langfuse'),
    phoenix: compat.includes('phoenix'),
    copyAttributes:
      copyAttributes ??
      env('REASONING_COPY_ATTRIBUTES')?.split(/[\s,]+/) ??
      DEFAULTS.copyAttributes,
    faults,
    onError: (error: unknown) =>
      faults.tell('the classifier failed, so the built-in one labelled', error, true),
    maxSpansPerSecond: readNumber(owner, 'maxSpansPerSecond', options.maxSpansPerSecond, {
      min: 0,
      max: Infinity,
    }),
    maxHoldMillis: readNumber(owner, 'maxHoldMillis', options.maxHoldMillis, {
      min: 0,
      max: Infinity,
    }),
    maxNetworkMillis: readNumber(owner, 'maxNetworkMillis', options.maxNetworkMillis, {
      min: 0,
      max: Infinity,
    }),
    maxPendingSpans: readNumber(owner, 'maxPendingSpans', options.maxPendingSpans, {
      min: 1,
      max: Infinity,
    }),
    maxPendingLength: readNumber(owner, 'maxPendingLength', options.maxPendingLength, {
      min: 1,
      max: Infinity,
    }),
    forward,
    meterProvider,
  })
}
