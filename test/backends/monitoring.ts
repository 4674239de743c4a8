/** Starts Debian's Prometheus and Alertmanager, and takes what Alertmanager sends. */
import {writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'

import {findProgram, freePorts, type Service, serviceFolder, startService} from './service.ts'

export interface MonitoringPrograms {
  prometheus: string
  promtool: string
  alertmanager: string
  amtool: string
}

/** The programs, or the plain reason why tests that need them are skipped. */
export function findMonitoring():
  | {programs: MonitoringPrograms; reason?: undefined}
  | {programs?: undefined; reason: string} {
  const found = {
    prometheus: findProgram('prometheus'),
    promtool: findProgram('promtool'),
    // Debian calls it by the longer name.
    alertmanager: findProgram('alertmanager', 'prometheus-alertmanager'),
    amtool: findProgram('amtool'),
  }
  const missing = Object.entries(found).filter(([, path]) => path === undefined)
  if (missing.length === 0) return {programs: found as MonitoringPrograms}
  const names = missing.map(([name]) => name).join(', ')
  return {
    reason: `no ${names}: apt-get install --no-install-recommends prometheus prometheus-alertmanager`,
  }
}

export interface Monitoring {
  prometheusUrl: string
  alertmanagerUrl: string
  /** What Prometheus and Alertmanager logged. */
  log(): string
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface MonitoringFiles {
  /** Text of `prometheus.yaml`, its ports and intervals as they shall be. */
  prometheus: (alertmanager: string) => string
  rules: string
  alertmanager: string
}

export async function startMonitoring(
  programs: MonitoringPrograms,
  files: MonitoringFiles,
): Promise<Monitoring> {
  const [web, alerts] = (await freePorts(2)) as [number, number]
  const alertmanagerFolder = serviceFolder('alertmanager')
  writeFileSync(join(alertmanagerFolder, 'alertmanager.yaml'), files.alertmanager)
  const alertmanager = await startService({
    name: 'alertmanager',
    command: programs.alertmanager,
    args: [
      '--config.file=alertmanager.yaml',
      '--storage.path=data',
      `--web.listen-address=127.0.0.1:${alerts}`,
      '--cluster.listen-address=',
    ],
    folder: alertmanagerFolder,
    ready: [`http://127.0.0.1:${alerts}/-/ready`],
  })
  const prometheusFolder = serviceFolder('prometheus')
  writeFileSync(join(prometheusFolder, 'rules.yaml'), files.rules)
  writeFileSync(join(prometheusFolder, 'prometheus.yaml'), files.prometheus(`127.0.0.1:${alerts}`))
  let prometheus: Service
  try {
    prometheus = await startService({
      name: 'prometheus',
      command: programs.prometheus,
      args: [
        '--config.file=prometheus.yaml',
        '--storage.tsdb.path=data',
        `--web.listen-address=127.0.0.1:${web}`,
      ],
      folder: prometheusFolder,
      ready: [`http://127.0.0.1:${web}/-/ready`],
    })
  } catch (error) {
    await alertmanager.stop()
    throw error
  }
  const stop = async () => {
    await prometheus.stop()
    await alertmanager.stop()
  }
  return {
    prometheusUrl: `http://127.0.0.1:${web}`,
    alertmanagerUrl: `http://127.0.0.1:${alerts}`,
    log: () => prometheus.log() + alertmanager.log(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** One alert as it stands in Alertmanager's webhook. */
export interface Alert {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
  /** Path of the webhook, and so the receiver. */
  path: string
  /** When it came, in milliseconds since the epoch. */
  receivedAt: number
}

export interface Webhook {
  hostAndPort: string
  alerts: Alert[]
  close(): Promise<void>
}

export async function startWebhook(): Promise<Webhook> {
  const alerts: Alert[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      const receivedAt = Date.now()
      for (const alert of (JSON.parse(body) as {alerts: Alert[]}).alerts) {
        alerts.push({...alert, path: request.url ?? '', receivedAt})
      }
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    hostAndPort: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    alerts,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
