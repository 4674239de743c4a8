/** Starts the Collector and Jaeger with the files of `collector-config/`, only their ports changed. */
import {mkdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {buildCollector, buildJaeger} from './build.ts'
import {freePorts, type Service, serviceFolder, startService} from './service.ts'

export const configFolder = resolve(import.meta.dirname, '../../collector-config')

export interface Collector extends Service {
  otlpUrl: string
  otlpTracesUrl: string
  /** Host and port of what it counted from spans. */
  metrics: string
  /** Host and port of its own metrics. */
  ownMetrics: string
  /** What processes that use the library measured of themselves. */
  libraryMetrics: string
  queueFolder: string
}

export interface CollectorOptions {
  /** @defaultValue 'collector.yaml' */
  config?: string | undefined
  /** The variables that the file names. @defaultValue those of the file, but for ports and folders */
  env?: Readonly<Record<string, string>> | undefined
}

/** Rejects with the plain reason when there is no binary: ask `buildCollector()` first to skip. */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const built = await buildCollector()
  if (built.path === undefined) throw new Error(built.reason)
  const [http, grpc, metrics, own, library] = await freePorts(5)
  const folder = serviceFolder('collector')
  const queueFolder = options.env?.['QUEUE_DIRECTORY'] ?? join(folder, 'queue')
  mkdirSync(queueFolder, {recursive: true})
  const otlpUrl = `http://127.0.0.1:${http}`
  const service = await startService({
    name: 'collector',
    command: built.path,
    args: ['--config', resolve(configFolder, options.config ?? 'collector.yaml')],
    env: {
      OTLP_HTTP: `127.0.0.1:${http}`,
      OTLP_GRPC: `127.0.0.1:${grpc}`,
      METRICS: `127.0.0.1:${metrics}`,
      OWN_METRICS_PORT: String(own),
      LIBRARY_METRICS: `127.0.0.1:${library}`,
      ...options.env,
      QUEUE_DIRECTORY: queueFolder,
    },
    folder,
    ready: [`${otlpUrl}/v1/traces`],
  })
  return {
    ...service,
    otlpUrl,
    otlpTracesUrl: `${otlpUrl}/v1/traces`,
    metrics: `127.0.0.1:${metrics}`,
    ownMetrics: `127.0.0.1:${own}`,
    libraryMetrics: `127.0.0.1:${library}`,
    queueFolder,
  }
}

export interface ConfiguredJaeger extends Service {
  otlpUrl: string
  queryUrl: string
}

/** Jaeger as `collector-config/jaeger.yaml` has it. */
export async function startConfiguredJaeger(): Promise<ConfiguredJaeger> {
  const built = await buildJaeger()
  if (built.path === undefined) throw new Error(built.reason)
  const [query, queryGrpc, http, grpc] = (await freePorts(4)) as [number, number, number, number]
  const otlpUrl = `http://127.0.0.1:${http}`
  const queryUrl = `http://127.0.0.1:${query}`
  const service = await startService({
    name: 'jaeger-config',
    command: built.path,
    args: ['--config', join(configFolder, 'jaeger.yaml')],
    env: {
      JAEGER_UI: join(configFolder, 'jaeger-ui.json'),
      JAEGER_QUERY: `127.0.0.1:${query}`,
      JAEGER_QUERY_GRPC: `127.0.0.1:${queryGrpc}`,
      JAEGER_OTLP_HTTP: `127.0.0.1:${http}`,
      JAEGER_OTLP_GRPC: `127.0.0.1:${grpc}`,
    },
    ready: [`${otlpUrl}/v1/traces`, `${queryUrl}/api/services`],
  })
  return {...service, otlpUrl, queryUrl}
}

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/** What a `/metrics` page says now. */
export async function scrape(hostAndPort: string): Promise<Sample[]> {
  const response = await fetch(`http://${hostAndPort}/metrics`)
  const text = await response.text()
  return [...text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm)].map((line) => ({
    name: line[1] as string,
    labels: Object.fromEntries(
      [...(line[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [
        key as string,
        value as string,
      ]),
    ),
    value: Number(line[3]),
  }))
}

/** Sum of the samples of that name that have these labels. */
export const total = (
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number =>
  samples
    .filter((each) => each.name === name)
    .filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))
    .reduce((sum, each) => sum + each.value, 0)

/** Asks until the answer is no longer `undefined`. @throws Error with `what` at the deadline */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  timeoutMillis = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMillis
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not in ${timeoutMillis} ms`)
    await sleep(50)
  }
}
