/** Provider, processors and exporters as the environment asks for them, of either line of the SDK. */
import {context, type ContextManager, type TracerProvider} from '@opentelemetry/api'
import {hasContextManager} from '../context-manager.ts'
import type {FaultReport} from '../fault-report.ts'
import {ReasoningSpanProcessor} from '../processor.ts'
import type {SpanProcessorLike} from '../readable-span.ts'
import {
  type Environment,
  type OtlpTarget,
  readBatchOptions,
  readExporters,
  readOtlpTarget,
  readSampler,
  readSpanLimits,
} from './environment.ts'
import {createHttpExporter} from './http-exporter.ts'
import {createExitExporter, type ExitExporter, type SpanExporter} from './exit-exporter.ts'
import {installLine, type Loaded, type Packages} from './packages.ts'
import {sendNow} from './send-now.ts'

export interface Pipeline {
  readonly provider: TracerProvider
  /** Spans wait that were not sent. */
  readonly isWaiting: boolean
  /** It can only send while there are turns of the event loop: `finish` comes too late for it. */
  readonly needsTurns: boolean
  /** What was ended is on its way when this resolves. */
  flush(): Promise<void>
  /** Sends what was ended, in this very turn; nothing can be sent afterwards. */
  finish(): void
}

export interface PipelineSetup {
  packages: Packages
  env: Environment
  faults: FaultReport
  /** Tells whoever started the program. */
  say(message: string): void
}

const CONTEXT = '@opentelemetry/context-async-hooks'
const EXPORTERS: Readonly<Record<OtlpTarget['protocol'], string>> = {
  'http/protobuf': '@opentelemetry/exporter-trace-otlp-proto',
  'http/json': '@opentelemetry/exporter-trace-otlp-http',
  grpc: '@opentelemetry/exporter-trace-otlp-grpc',
}

interface Sdk {
  /** 2.x before 2.9, or 2.x with the variables of the environment read by the package itself. */
  readonly isBase: boolean
  readonly classes: Loaded
}

function loadSdk(packages: Packages): Sdk | undefined {
  const plain = '@opentelemetry/sdk-trace'
  const base =
    packages.majorOf(plain) === 3 ? undefined : packages.load('@opentelemetry/sdk-trace-base')
  if (base !== undefined) return {isBase: true, classes: base}
  const classes = packages.load(plain)
  return classes === undefined ? undefined : {isBase: false, classes}
}

function loadExporter(
  packages: Packages,
  target: OtlpTarget,
): {classes: Loaded; target: OtlpTarget} | undefined {
  const classes = packages.load(EXPORTERS[target.protocol])
  if (classes !== undefined) return {classes, target}
  if (!target.isDefault) return undefined
  const other = packages.load(EXPORTERS['http/json'])
  return other && {classes: other, target: {...target, protocol: 'http/json'}}
}

function samplerOf(classes: Loaded, env: Environment): unknown {
  const asked = readSampler(env)
  if (asked === undefined) return undefined
  const name = asked.name.replace(/^parentbased_/, '')
  const root =
    name === 'always_off'
      ? new classes['AlwaysOffSampler']()
      : name === 'traceidratio'
        ? new classes['TraceIdRatioBasedSampler'](asked.ratio)
        : new classes['AlwaysOnSampler']()
  return name === asked.name ? root : new classes['ParentBasedSampler']({root})
}

function createProvider(
  {isBase, classes}: Sdk,
  {packages, env}: PipelineSetup,
  spanProcessors: readonly unknown[],
): TracerProvider {
  const resources = packages.load('@opentelemetry/resources')
  const resource = resources?.['defaultResource']().merge(
    resources['detectResources']({detectors: [resources['envDetector']]}),
  )
  const options = {spanProcessors, ...(resource !== undefined && {resource})}
  if (isBase) return new classes['BasicTracerProvider'](options)
  const sampler = samplerOf(classes, env)
  return new classes['TracerProvider']({
    ...options,
    spanLimits: readSpanLimits(env),
    ...(sampler !== undefined && {sampler}),
  })
}

/** Hands on to each of several, and says whether anything came since it was last asked. */
function fanOut(processors: readonly SpanProcessorLike[]): SpanProcessorLike & {count: number} {
  const all = {
    count: 0,
    onStart(span: unknown, parent: never) {
      for (const processor of processors) processor.onStart(span, parent)
    },
    onEnd(span: never) {
      all.count += 1
      for (const processor of processors) processor.onEnd(span)
    },
    forceFlush: async () => {
      await Promise.all(processors.map((processor) => processor.forceFlush()))
    },
    shutdown: async () => {
      await Promise.all(processors.map((processor) => processor.shutdown()))
    },
  }
  return all
}

interface Serializer {
  serializeRequest(spans: readonly unknown[]): Uint8Array | undefined
}

/** What the exporter itself uses; `undefined` where what it does cannot be done without it. */
function serializerOf(
  packages: Packages,
  {protocol, hasCertificates}: OtlpTarget,
): Serializer | undefined {
  if (protocol === 'grpc' || hasCertificates) return undefined
  const name = protocol === 'http/json' ? 'JsonTraceSerializer' : 'ProtobufTraceSerializer'
  return packages.load('@opentelemetry/otlp-transformer')?.[name] as Serializer | undefined
}

/** @returns `undefined` where nothing is to be exported, or a package is missing, which is told */
export function createPipeline(setup: PipelineSetup): Pipeline | undefined {
  const {packages, env, faults, say} = setup
  const names = readExporters(env, say)
  if (names.length === 0) return undefined
  const sdk = loadSdk(packages)
  const asked = readOtlpTarget(env, say)
  const exporter = names.includes('otlp') ? loadExporter(packages, asked) : undefined
  const contexts = packages.load(CONTEXT)
  const missing = [
    ...(sdk === undefined
      ? [`@opentelemetry/sdk-trace${packages.majorOf(CONTEXT) === 3 ? '' : '-base'}`]
      : []),
    ...(names.includes('otlp') && exporter === undefined ? [EXPORTERS[asked.protocol]] : []),
    ...(contexts === undefined ? [CONTEXT] : []),
  ]
  if (missing.length > 0) {
    say(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing, so that nothing is traced; install with: ${installLine(packages, missing)}`,
    )
    return undefined
  }

  const {isBase, classes} = sdk as Sdk
  const processors: SpanProcessorLike[] = []
  let atExit: ExitExporter | undefined
  let batch: SpanProcessorLike | undefined
  const target = exporter?.target
  const serializer = target && serializerOf(packages, target)
  if (exporter !== undefined) {
    const sender =
      serializer === undefined
        ? (new exporter.classes['OTLPTraceExporter']() as SpanExporter)
        : createHttpExporter({
            target: exporter.target,
            serialize: (spans) => serializer.serializeRequest(spans),
          })
    atExit = createExitExporter(sender, faults)
    batch = isBase
      ? (new classes['BatchSpanProcessor'](atExit, readBatchOptions(env)) as SpanProcessorLike)
      : (new classes['BatchSpanProcessor']({exporter: atExit, ...readBatchOptions(env)}) as never)
    processors.push(batch as SpanProcessorLike)
  }
  if (names.includes('console')) {
    const printer = new classes['ConsoleSpanExporter']()
    const Simple = classes['SimpleSpanProcessor']
    processors.push(isBase ? new Simple(printer) : new Simple({exporter: printer}))
  }
  const next = fanOut(processors)
  const reasoning = new ReasoningSpanProcessor({
    next,
    onError: (error) => faults.tell('reasoning', error),
  })
  const provider = createProvider(sdk as Sdk, setup, [reasoning])
  if (!hasContextManager()) {
    const manager: ContextManager = new contexts!['AsyncLocalStorageContextManager']()
    context.setGlobalContextManager(manager.enable())
  }

  let sent = 0
  return {
    provider,
    get isWaiting() {
      reasoning.drain()
      return next.count > sent || atExit?.isBusy === true
    },
    needsTurns: target !== undefined && serializer === undefined,
    async flush() {
      reasoning.drain()
      sent = next.count
      // Whoever waits for this has nothing else that keeps the program alive.
      const hold = setInterval(() => {}, 60_000)
      try {
        await reasoning.forceFlush()
        await atExit?.settled()
      } finally {
        clearInterval(hold)
      }
    },
    finish() {
      reasoning.drain()
      sent = next.count
      const batches = atExit?.collect() ?? []
      void batch?.forceFlush().catch(() => {})
      if (batches.length === 0 || target === undefined) return
      const bodies = batches.flatMap((spans) => serializer?.serializeRequest(spans) ?? [])
      const fault = bodies.length === 0 ? 'the process ended' : sendNow(target, bodies)
      if (fault === undefined) return
      const count = batches.reduce((sum, each) => sum + each.length, 0)
      say(`${count} spans could not be sent to ${target.url}: ${fault}`)
    },
  }
}
