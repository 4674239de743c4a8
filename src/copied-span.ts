/** Spans that differ from those which the application ended, which are never changed. */
import type {Shown} from './policy-on-spans.ts'
import type {ReadableSpanLike} from './readable-span.ts'

/** A span like `span` with some of its fields replaced. Getters and methods keep working. */
export function copySpan(span: ReadableSpanLike, shown: Shown): ReadableSpanLike {
  const isUnchanged =
    shown.attributes === span.attributes &&
    shown.events === span.events &&
    (shown.status === undefined || shown.status === span.status) &&
    (shown.links === undefined || shown.links === span.links)
  return isUnchanged ? span : coverSpan(span, shown)
}

// Writable, since processors that follow may assign to a copy as they do to the SDK's own spans.
const OWN = {enumerable: true, writable: true, configurable: true}

/** A copy without a look at the original, some of whose getters may throw. */
export function coverSpan(span: ReadableSpanLike, shown: Shown): ReadableSpanLike {
  const {attributes, events, status, links} = shown
  // Spreading would lose what the SDK's span keeps in getters and methods.
  return Object.create(span, {
    attributes: {value: attributes, ...OWN},
    events: {value: events, ...OWN},
    // A class of spans may keep its context in a private field, which no copy can read.
    spanContext: {value: () => span.spanContext(), ...OWN},
    ...(status === undefined ? {} : {status: {value: status, ...OWN}}),
    ...(links === undefined ? {} : {links: {value: links, ...OWN}}),
  }) as ReadableSpanLike
}
