/** What `--import otel-reasoning/register` does: taps `fetch`, and traces where nobody else does. */
import {createFaultReport} from '../fault-report.ts'
import {createAgentRuns, setAgentRuns} from '../capture/wire/agent-runs.ts'
import {installTap} from '../capture/wire/fetch.ts'
import {isSdkDisabled} from '../sdk-disabled.ts'
import {createAttempts} from '../capture/wire/tap-attempts.ts'
import {getToolSpans} from '../tool-spans.ts'
import {allowsContent} from './environment.ts'
import {createHandover} from './handover.ts'
import {onExit} from './on-exit.ts'
import {applicationFolders, findPackages} from './packages.ts'
import {createPipeline, type Pipeline} from './pipeline.ts'

export interface Registration {
  /** Sends what has ended. Resolves at once where the application has a provider of its own. */
  flush(): Promise<void>
}

const OWNER = 'otel-reasoning/register'
const KEY = Symbol.for('otel-reasoning.register.v1')

/** Whoever asked for us on the command line may have no logger for `diag`. */
const say = (message: string): void => console.error(`${OWNER}: ${message}`)

const HINT =
  'the application has its own tracer provider, and none of its span processors is ours: model ' +
  'calls get spans, their reasoning does not. Wrap its processor: new ReasoningSpanProcessor({next: ' +
  'processor})'

function start(): Registration {
  const toolSpans = getToolSpans()
  const packages = findPackages(applicationFolders())
  const faults = createFaultReport(OWNER, () => {})
  const env = process.env

  let isWatched = false
  /** While there are turns: for the application's provider, or one of ours that needs them. */
  const watchEnd = (): void => {
    if (isWatched) return
    isWatched = true
    process.prependListener('beforeExit', () => {
      settle()
      if (pipeline?.needsTurns === true && pipeline.isWaiting) void pipeline.flush().catch(() => {})
    })
  }

  /** `null` where there is none to be had. */
  let pipeline: Pipeline | null | undefined
  const own = (): Pipeline | undefined => {
    if (pipeline === undefined) {
      // Should making it ask for a tracer: there is none yet.
      pipeline = null
      try {
        pipeline = createPipeline({packages, env, faults, say}) ?? null
      } catch (error) {
        say(`nothing is traced: ${error instanceof Error ? error.message : String(error)}`)
      }
      if (pipeline !== null) {
        watchEnd()
        onExit(finish)
      }
    }
    return pipeline ?? undefined
  }

  const copies = [packages.load('@opentelemetry/api') ?? {}]
  const handover = createHandover(() => own()?.provider, copies)

  const attempts = createAttempts()
  const runs = createAgentRuns({
    tracerProvider: handover.provider,
    withContent: allowsContent(env),
    toolSpans,
    onEvict: () =>
      faults.tell('agents', new Error('an agent’s span ended early: too many run'), true),
    onBegin: () => {
      watchEnd()
      if (pipeline !== undefined || isScheduled) return
      isScheduled = true
      // Loaded while the request is on its way, so that it does not wait for that.
      setImmediate(() => {
        if (handover.foreign() === undefined) own()
      })
    },
  })
  let isScheduled = false

  /** Nothing more will happen: what waits for a retry, a chunk or a tool's result gets its span. */
  const settle = (): void => {
    attempts.giveUp()
    runs.endAll()
  }
  const finish = (): void => {
    settle()
    if (pipeline?.isWaiting === true) pipeline.finish()
  }

  let isTold = false
  setAgentRuns(runs)
  installTap({
    get createSpans() {
      if (handover.foreign() === undefined) return own() !== undefined
      if (!isTold && !toolSpans.hasExpander() && !toolSpans.isTold()) {
        isTold = true
        say(HINT)
      }
      return undefined
    },
    tracerProvider: handover.provider,
    limits: undefined,
    attempts,
    faults,
  })
  return {
    async flush() {
      await pipeline?.flush()
    },
  }
}

/** Once in a process, however many copies of this package are imported. */
export function register(): Registration {
  const shared = globalThis as {[KEY]?: Registration}
  if (shared[KEY] === undefined) {
    // Without a module system of its own there is no application to look into: a browser, an edge.
    const isNode = typeof process === 'object' && process.getBuiltinModule !== undefined
    shared[KEY] = isSdkDisabled() || !isNode ? {flush: async () => {}} : start()
  }
  return shared[KEY]
}
