/**
 * A span and its blocks become the span as it should leave, followed by its reasoning spans. Pure:
 * no clock, no I/O, no SDK. Processor, exporter, gateway and command line take the same steps, one
 * by one.
 */
import {beginExpansion} from './begin-expansion.ts'
import type {ExpansionContext} from './expansion.ts'
import {finishExpansion, runExpansion} from './finish-expansion.ts'
import type {ReasoningBlock} from './model.ts'
import {type ExpandOptions, type ResolvedOptions, resolveOptions} from './options.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {Thoughts} from './thoughts.ts'

interface Resolution {
  given: ExpandOptions
  resolved: ResolvedOptions
}

const resolutions = new WeakMap<ExpandOptions, Resolution>()
const NO_OPTIONS: ExpandOptions = {}

/** Reading options and environment takes longer than expanding a short span. */
function resolveOnce(options: ExpandOptions = NO_OPTIONS): ResolvedOptions {
  const known = resolutions.get(options)
  if (known !== undefined && isSame(known.given, options)) return known.resolved
  const resolved = resolveOptions('expandSpan', options)
  resolutions.set(options, {given: {...options}, resolved})
  return resolved
}

/** Whoever changes an option of an object that was used before means it. */
function isSame(a: ExpandOptions, b: ExpandOptions): boolean {
  const keys = Object.keys(b) as (keyof ExpandOptions)[]
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key])
}

/**
 * Returns the span as it should leave, followed by its reasoning spans. The original is never
 * changed; where there is nothing to add or withhold it is returned itself. A span of ours, or one
 * that was expanded already, passes unchanged.
 *
 * A classifier that answers with a promise cannot be waited for here: the rules label instead. The
 * environment is read once for each options object.
 *
 * @param span an ended span of either SDK line
 * @param blocks the reasoning of the call; what the span itself shows, where `undefined`
 * @throws TypeError on what is no span and on wrong options; never on what a span holds
 * @public
 */
export function expandSpan<S extends ReadableSpanLike>(
  span: S,
  blocks?: readonly ReasoningBlock[] | undefined,
  options?: ExpandOptions | undefined,
): Pick<S, keyof ReadableSpanLike>[] {
  if (typeof span?.spanContext !== 'function') {
    throw new TypeError(
      `expandSpan: expected an ended span, got ${span === null ? 'null' : typeof span} without \`spanContext()\``,
    )
  }
  const context: ExpansionContext = {options: resolveOnce(options), thoughts: new Thoughts()}
  const expansion = beginExpansion(span, [], context, blocks)
  if (expansion === undefined) return [span]
  const expanded = runExpansion(finishExpansion(expansion, context))
  return [expanded.span, ...expanded.children] as Pick<S, keyof ReadableSpanLike>[]
}
