/**
 * A tracer provider that steps aside: tracers of `@opentelemetry/api` lead to ours for as long as
 * nobody has registered one, and to the application's from the moment at which it does.
 */
import {
  type Context,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api'

export interface Handover {
  /** Leads to whichever it is at the time. */
  readonly provider: TracerProvider
  /** The application's own; `undefined` where it has registered none. */
  foreign(): TracerProvider | undefined
}

interface Delegating extends TracerProvider {
  getDelegate?(): TracerProvider
  setDelegate?(delegate: TracerProvider): void
}

// What a proxy without a delegate has; it is not exported.
const nothing = new ProxyTracerProvider().getDelegate()

/**
 * Takes the place of the provider that nobody has registered. Not by registering: the API takes one
 * registration only, which is the application's, and that replaces the delegate set here.
 *
 * @param own makes ours when the first span is asked for; `undefined` where there is none to be had
 * @param copies of the API besides ours: what is imported and what is required are two
 */
export function createHandover(
  own: () => TracerProvider | undefined,
  copies: readonly {trace?: typeof trace | undefined}[] = [],
): Handover {
  const foreign = (): TracerProvider | undefined => {
    const registered: Delegating = trace.getTracerProvider()
    const delegate = registered.getDelegate?.() ?? registered
    return delegate === provider || delegate.constructor === nothing.constructor
      ? undefined
      : delegate
  }

  class HandoverTracer implements Tracer {
    readonly #scope: Parameters<TracerProvider['getTracer']>
    #from: TracerProvider | undefined
    #tracer: Tracer | undefined

    constructor(...scope: [name: string, version?: string, options?: TracerOptions]) {
      this.#scope = scope
    }

    startSpan(name: string, options?: SpanOptions, context?: Context): Span {
      return this.#current().startSpan(name, options, context)
    }

    startActiveSpan(...args: unknown[]): never {
      const tracer = this.#current()
      return Reflect.apply(tracer.startActiveSpan as (...all: unknown[]) => never, tracer, args)
    }

    #current(): Tracer {
      const from = foreign() ?? own() ?? nothing
      if (this.#tracer === undefined || this.#from !== from) {
        this.#from = from
        this.#tracer = from.getTracer(...this.#scope)
      }
      return this.#tracer
    }
  }

  const provider: TracerProvider = {
    getTracer: (name, version, options) => new HandoverTracer(name, version, options),
  }
  if (foreign() === undefined) {
    const apis = new Set([trace, ...copies.flatMap((copy) => copy.trace ?? [])])
    for (const api of apis) (api.getTracerProvider() as Delegating).setDelegate?.(provider)
  }
  return {provider, foreign}
}
