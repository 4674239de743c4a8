/** Reasoning from Bedrock's responses: the AWS client does not use `fetch`. */
import type {FetchTapOptions} from './capture/tap-options.ts'
import {resolveTap} from './capture/wire/fetch.ts'
import {isSdkDisabled} from './sdk-disabled.ts'
import {createSmithyTap, type SmithyMiddleware} from './capture/wire/smithy.ts'

export type {FetchTapOptions} from './capture/tap-options.ts'
export type {WireLimits} from './capture/wire/index.ts'

/** What of Smithy's middleware stack is needed. @public */
export interface SmithyStack {
  // The client's own method is overloaded a step: only `never` fits all of them.
  add(middleware: never, options: never): void
}

/** What `middlewareStack.use` of a client or of a command takes. @public */
export interface SmithyPlugin {
  applyToStack(stack: SmithyStack): void
}

/** What of a client is needed. @public */
export interface SmithyClient {
  readonly middlewareStack: {
    use(plugin: never): void
    remove(name: string): boolean
  }
}

/** The step next to the wire. Names that are there already are replaced: twice counts once. */
const STEP = {step: 'deserialize', override: true} as const
/** The last of the step, and so below whatever reads the response. */
const ON_WIRE = {...STEP, priority: 'low', name: 'otelReasoningOnWire'} as const
/** The first of it. */
const ON_OUTPUT = {...STEP, priority: 'high', name: 'otelReasoningOnOutput'} as const

type Add = (middleware: SmithyMiddleware, options: typeof ON_WIRE | typeof ON_OUTPUT) => void

function createPlugin(
  owner: string,
  options: FetchTapOptions,
): {plugin: SmithyPlugin; stop: () => void} {
  const {onWire, onOutput, stop} = createSmithyTap(
    resolveTap(owner, options, 'otel-reasoning/bedrock'),
  )
  const plugin: SmithyPlugin = {
    applyToStack(stack) {
      if (isSdkDisabled()) return
      const smithy = stack as {add: Add}
      smithy.add(onWire, ON_WIRE)
      smithy.add(onOutput, ON_OUTPUT)
    },
  }
  return {plugin, stop}
}

/**
 * A plugin for the client's middleware, or for that of one command. The client gets the same bytes
 * at the same time; what a model said goes to the span of its call. Used twice it counts once.
 *
 * Followed are Converse, ConverseStream, InvokeModel and InvokeModelWithResponseStream.
 *
 * @throws TypeError on wrong values and on unknown options
 * @example
 * client.middlewareStack.use(reasoningPlugin())
 * @public
 */
export const reasoningPlugin = (options: FetchTapOptions = {}): SmithyPlugin =>
  createPlugin('reasoningPlugin', options).plugin

const installed = new WeakMap<object, () => void>()

/**
 * Gives a client the plugin. A second call changes nothing and returns the first one's undo.
 *
 * @returns its undo
 * @throws TypeError where `client` has no middleware, on wrong values and on unknown options
 * @example
 * const undo = instrumentBedrock(new BedrockRuntimeClient())
 * @public
 */
export function instrumentBedrock(client: SmithyClient, options: FetchTapOptions = {}): () => void {
  const stack = client?.middlewareStack
  if (typeof stack?.use !== 'function') {
    throw new TypeError(
      'instrumentBedrock: expected `client` to be a client of AWS SDK 3, got none with `middlewareStack.use`',
    )
  }
  const {plugin, stop} = createPlugin('instrumentBedrock', options)
  const known = installed.get(client)
  if (known !== undefined) return known
  ;(stack as {use(plugin: SmithyPlugin): void}).use(plugin)
  const undo = (): void => {
    if (!installed.delete(client)) return
    stop()
    stack.remove(ON_WIRE.name)
    stack.remove(ON_OUTPUT.name)
  }
  installed.set(client, undo)
  return undo
}
