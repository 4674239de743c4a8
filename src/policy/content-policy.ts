/** Which policy holds for a text: explicit option over environment over default. */
import {
  compileRule,
  CONTENT_POLICIES,
  type ContentContext,
  type ContentOption,
  type ContentRule,
  isContentPolicy,
  type ResolvedPolicy,
  type RuleContext,
} from './rule.ts'

/** @public */
export interface ContentPolicyOptions {
  /** @defaultValue see `createContentPolicy` */
  content?: ContentOption | undefined
  /** Key of the HMAC under `mask` and `hash`; without one they write no hash. */
  hashKey?: string | Uint8Array | undefined
  /** @defaultValue `process.env`, where there is one */
  environment?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * Told of each fault that made a text fall under `drop`: a `content` function that threw or
   * returned no rule, a value of the environment that is no policy. Never given text.
   */
  onError?: ((error: Error) => void) | undefined
}

/** Says for each text what may leave. @public */
export interface ContentPolicyResolver {
  /**
   * Whether anything that stands on a span or in a log record may have to be withheld. Where not,
   * nobody needs to look for reasoning in order to take it out: the default only says what of a log
   * event's text may go on *our* spans.
   */
  readonly withholds: boolean
  /** Never throws: what cannot be decided is `drop`. */
  resolve(context: ContentContext): ResolvedPolicy
}

const VARIABLE = 'REASONING_CONTENT'
const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'
/** Values of the conventions' own switch that allow content on spans. */
const ON_SPANS: readonly string[] = ['true', 'span_only', 'span_and_event']

const processEnvironment = (): Readonly<Record<string, string | undefined>> =>
  (typeof process === 'object' && process !== null ? process.env : undefined) ?? {}

const read = (
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined => environment[name]?.trim().toLowerCase() || undefined

/**
 * Makes the resolver. Without `content` and without `REASONING_CONTENT`, text that stands on a span
 * is kept, as is text that was given to the recorder; text that came by log event, from the wire
 * or from a framework's hook is `length`, unless
 * `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is `true`, `SPAN_ONLY` or `SPAN_AND_EVENT`.
 *
 * @throws TypeError on options that are none
 */
export function createContentPolicy({
  content,
  hashKey,
  environment = processEnvironment(),
  onError = () => {},
}: ContentPolicyOptions = {}): ContentPolicyResolver {
  if (hashKey !== undefined) {
    const isKey = typeof hashKey === 'string' || hashKey instanceof Uint8Array
    // The value is a secret: say only what it is not.
    if (!isKey || hashKey.length === 0) {
      throw new TypeError(
        `expected \`hashKey\` to be a string or Uint8Array that is not empty, got ${isKey ? 'an empty one' : typeof hashKey}`,
      )
    }
  }
  const context: RuleContext = {hashKey, onError}
  const keep = compileRule('keep', context)
  const length = compileRule('length', context)
  const drop = compileRule('drop', context)

  const ambient = fromEnvironment()
  const allowsSpans = ON_SPANS.includes(read(environment, CAPTURE) ?? '')
  const fallback = ({origin}: ContentContext): ResolvedPolicy => {
    if (ambient !== undefined) return ambient
    return origin !== 'span' && origin !== 'recorder' && !allowsSpans ? length : keep
  }

  function fromEnvironment(): ResolvedPolicy | undefined {
    const value = read(environment, VARIABLE)
    if (value === undefined) return undefined
    if (isContentPolicy(value)) return compileRule(value, context)
    if (content === undefined || typeof content === 'function') {
      onError(
        new Error(
          `expected ${VARIABLE} to be one of ${CONTENT_POLICIES.join(', ')}, got '${value}'; reasoning is dropped`,
        ),
      )
    }
    return drop
  }

  const ambientWithholds = ambient !== undefined && ambient.policy !== 'keep'
  if (content === undefined) return {withholds: ambientWithholds, resolve: fallback}
  if (typeof content !== 'function') {
    const fixed = compileRule(content, context)
    return {withholds: fixed.policy !== 'keep', resolve: () => fixed}
  }

  // A function returns the same few rules again and again; patterns are compiled once each.
  const compiled = new WeakMap<object, ResolvedPolicy>()
  const named = new Map<ContentRule, ResolvedPolicy>()
  const compile = (rule: ContentRule): ResolvedPolicy => {
    const known = typeof rule === 'object' && rule !== null ? compiled.get(rule) : named.get(rule)
    if (known !== undefined) return known
    const fresh = compileRule(rule, context)
    if (typeof rule === 'object') compiled.set(rule, fresh)
    else named.set(rule, fresh)
    return fresh
  }
  return {
    withholds: true,
    resolve(given) {
      let rule: ContentRule | undefined
      try {
        rule = content(given)
      } catch {
        // Its message may quote an attribute, and so the text.
        onError(new Error('`content` threw; reasoning is dropped'))
        return drop
      }
      if (rule === undefined) return fallback(given)
      try {
        return compile(rule)
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'no rule'
        onError(new Error(`\`content\` returned what is no rule: ${reason}; reasoning is dropped`))
        return drop
      }
    },
  }
}
