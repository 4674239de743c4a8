/**
 * What we do must not be traced: a span made of our own request, or of a classifier's, would come
 * back to us.
 */
import {type Context, context, createContextKey, ROOT_CONTEXT} from '@opentelemetry/api'

// Keys of the API are `Symbol.for(description)`: this one is the SDK's own, of `@opentelemetry/core`.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

const BACKGROUND: Context = ROOT_CONTEXT.setValue(SUPPRESSED, true)

/** Runs `action`, and whatever it leaves to run later, in the active context without tracing. */
export const suppressTracing = <T>(action: () => T): T =>
  context.with(context.active().setValue(SUPPRESSED, true), action)

/** As `suppressTracing`, in a context that belongs to no request of the application. */
export const inBackground = <T>(action: () => T): T => context.with(BACKGROUND, action)
