/** What a user may say about content, and the same checked and compiled. */
import type {Attributes} from '@opentelemetry/api'
import type {ContentPolicy, Visibility} from '../model.ts'
import {DETECTOR_NAMES, type DetectorName, DETECTORS} from './detectors.ts'
import {hmacHex, sha256Hex} from './hash.ts'
import {MASKED, type MaskRule, maskText} from './mask.ts'
import {compilePattern} from './pattern-safety.ts'

/**
 * How a text came: on a span, by log event, from a provider's response, from a framework's hook, or
 * said by hand.
 *
 * @public
 */
export type ContentOrigin = 'span' | 'log' | 'wire' | 'hook' | 'recorder'

/** What a rule may depend on. @public */
export interface ContentContext {
  provider?: string | undefined
  model?: string | undefined
  visibility: Visibility
  /** Of the call's span. Not to be changed. */
  attributes: Attributes
  origin: ContentOrigin
}

/** A policy with what `mask` is to look for. @public */
export interface ContentRuleObject {
  policy: ContentPolicy
  /**
   * With `mask`: what else is written as `[MASKED]`. Strings are taken literally. Patterns must run
   * in linear time; those that can backtrack catastrophically are refused.
   */
  patterns?: readonly (RegExp | string)[] | undefined
  /** With `mask`: called with the whole text first; the detectors see what it returns. */
  mask?: ((text: string) => string) | undefined
  /** With `mask`: the detectors to use. @defaultValue all */
  detectors?: readonly DetectorName[] | undefined
}

/** @public */
export type ContentRule = ContentPolicy | ContentRuleObject

/** One rule for all, or a function that picks one; `undefined` leaves the choice to the default. @public */
export type ContentOption = ContentRule | ((context: ContentContext) => ContentRule | undefined)

/** A rule that has been checked and compiled. */
export interface ResolvedPolicy extends MaskRule {
  readonly policy: ContentPolicy
  /** The text masked; the very text under any policy but `mask`. */
  mask(text: string): string
  /** Hex. SHA-256 under `keep`, HMAC under `mask` and `hash` where there is a key, else nothing. */
  hash(text: string): string | undefined
}

/** What rules are compiled with. */
export interface RuleContext {
  readonly hashKey?: string | Uint8Array | undefined
  /** Told of a user's function that failed. Never given the text or the function's own message. */
  readonly onError: (error: Error) => void
}

/** From the most to the least that may leave. */
export const CONTENT_POLICIES: readonly ContentPolicy[] = ['keep', 'mask', 'hash', 'length', 'drop']

export const isContentPolicy = (value: unknown): value is ContentPolicy =>
  CONTENT_POLICIES.includes(value as ContentPolicy)

const got = (value: unknown): string =>
  `got \`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\` (${typeof value})`

const expectedPolicy = CONTENT_POLICIES.map((policy) => `'${policy}'`).join(', ')

const RULE_KEYS: readonly string[] = ['policy', 'patterns', 'mask', 'detectors']

function checkList(name: string, value: unknown): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    throw new TypeError(`expected \`content.${name}\` to be an array, ${got(value)}`)
  }
  return value
}

/** Guards the user's function: what it fails to mask does not leave. */
function guardedMask(
  mask: (text: string) => unknown,
  onError: (error: Error) => void,
): (text: string) => string {
  return (text) => {
    let reason = 'returned no string'
    try {
      const masked = mask(text)
      if (typeof masked === 'string') return masked
    } catch {
      // Its message may quote the text.
      reason = 'threw'
    }
    onError(new Error(`\`content.mask\` ${reason}; the whole text was masked`))
    return MASKED
  }
}

type Hash = (text: string) => string | undefined

const noHash: Hash = () => undefined

function hashOf(policy: ContentPolicy, hashKey: string | Uint8Array | undefined): Hash {
  if (policy === 'keep') return sha256Hex
  // A plain hash of withheld text would let short text be guessed.
  if (hashKey === undefined || (policy !== 'mask' && policy !== 'hash')) return noHash
  return (text) => hmacHex(hashKey, text)
}

function resolved(policy: ContentPolicy, hash: Hash, rule: MaskRule): ResolvedPolicy {
  return {...rule, policy, hash, mask: policy === 'mask' ? (text) => maskText(text, rule) : same}
}

const same = (text: string): string => text

/**
 * One policy that withholds whatever any of several withholds. Masks add up.
 *
 * @param policies at least one
 */
export function strictest(policies: readonly ResolvedPolicy[]): ResolvedPolicy {
  let result = policies[0]
  if (result === undefined) throw new TypeError('expected at least one policy, got none')
  for (const next of policies) {
    if (next === result) continue
    const order = CONTENT_POLICIES.indexOf(next.policy) - CONTENT_POLICIES.indexOf(result.policy)
    if (order > 0) result = next
    else if (order === 0 && next.policy === 'mask') result = bothMasks(result, next)
  }
  return result
}

function bothMasks(a: ResolvedPolicy, b: ResolvedPolicy): ResolvedPolicy {
  const {transform: first} = a
  const {transform: second} = b
  return resolved('mask', a.hash, {
    detectors: DETECTORS.filter((one) => a.detectors.includes(one) || b.detectors.includes(one)),
    patterns: [...new Set([...a.patterns, ...b.patterns])],
    transform:
      first !== undefined && second !== undefined && first !== second
        ? (text) => second(first(text))
        : (first ?? second),
  })
}

/**
 * Checks and compiles a rule.
 *
 * @throws TypeError on anything but a known policy, or an object of one with what belongs to it
 */
export function compileRule(rule: ContentRule, {hashKey, onError}: RuleContext): ResolvedPolicy {
  if (typeof rule === 'string') {
    if (!isContentPolicy(rule)) {
      throw new TypeError(`expected \`content\` to be one of ${expectedPolicy}, ${got(rule)}`)
    }
    return resolved(rule, hashOf(rule, hashKey), {
      detectors: rule === 'mask' ? DETECTORS : [],
      patterns: [],
    })
  }
  if (typeof rule !== 'object' || rule === null) {
    throw new TypeError(
      `expected \`content\` to be one of ${expectedPolicy}, an object with a \`policy\`, or a function, ${got(rule)}`,
    )
  }
  const {policy, mask} = rule
  if (!isContentPolicy(policy)) {
    throw new TypeError(
      `expected \`content.policy\` to be one of ${expectedPolicy}, ${got(policy)}`,
    )
  }
  const stranger = Object.keys(rule).find((key) => !RULE_KEYS.includes(key))
  if (stranger !== undefined) {
    throw new TypeError(
      `unknown \`content.${stranger}\`; a rule has ${RULE_KEYS.map((key) => `\`${key}\``).join(', ')}`,
    )
  }
  const patterns = checkList('patterns', rule.patterns)
  const names = checkList('detectors', rule.detectors)
  const isMore = rule.patterns !== undefined || mask !== undefined || rule.detectors !== undefined
  if (policy !== 'mask' && isMore) {
    throw new TypeError(
      `\`content.patterns\`, \`content.mask\` and \`content.detectors\` need the policy 'mask', got '${policy}'`,
    )
  }
  if (mask !== undefined && typeof mask !== 'function') {
    throw new TypeError(`expected \`content.mask\` to be a function, ${got(mask)}`)
  }
  const unknown = names.find((name) => !DETECTOR_NAMES.includes(name as DetectorName))
  if (unknown !== undefined) {
    throw new TypeError(
      `unknown detector ${got(unknown)}; the detectors are ${DETECTOR_NAMES.join(', ')}`,
    )
  }
  const chosen =
    rule.detectors === undefined ? DETECTORS : DETECTORS.filter(({name}) => names.includes(name))
  return resolved(policy, hashOf(policy, hashKey), {
    detectors: policy === 'mask' ? chosen : [],
    patterns: patterns.map((pattern) => compilePattern(pattern as RegExp | string)),
    transform: mask === undefined ? undefined : guardedMask(mask, onError),
  })
}
