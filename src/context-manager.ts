/** Without a context manager the active span is never known. */
import {context, createContextKey} from '@opentelemetry/api'

const PROBE = createContextKey('otel-reasoning context manager probe')

/** Without one it is not known, either, whether somebody made a span for a call. */
export const hasContextManager = (): boolean =>
  context.with(
    context.active().setValue(PROBE, true),
    () => context.active().getValue(PROBE) === true,
  )
