/** The commands of docs/observability.md, as a newcomer would type them, but for the ports. */
import {execFile} from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {promisify} from 'node:util'
import {describe, expect, test} from 'vitest'
import {buildCollector, buildJaeger} from '../backends/build.ts'
import {configFolder, until} from '../backends/collector.ts'
import {findMonitoring} from '../backends/monitoring.ts'
import {freePorts, type Service, startService} from '../backends/service.ts'

const root = join(configFolder, '..')
const docs = readFileSync(join(root, 'docs/observability.md'), 'utf8')
const [jaeger, collector] = [await buildJaeger(), await buildCollector()]
const {programs, reason: noMonitoring} = findMonitoring()
const reason = jaeger.reason ?? collector.reason ?? noMonitoring

/** Lines of the block that is marked so. */
function commandsOf(mark: string): string[] {
  const block = docs.match(new RegExp(`\`\`\`sh ${mark}\n(.*?)\`\`\``, 's'))?.[1]
  if (block === undefined) throw new Error(`docs/observability.md has no block \`sh ${mark}\``)
  return block.trim().split('\n')
}

const PORTS = [4317, 4318, 14317, 14318, 16685, 16686, 8888, 8889, 8890, 9090, 9093, 9099]

/** Every known port becomes another one, in a text or in all files of a folder. */
function portMover(ports: readonly number[]): (text: string) => string {
  return (text) =>
    text.replace(/(?<=[:-])\d{4,5}\b/g, (digits) => {
      const at = PORTS.indexOf(Number(digits))
      return at < 0 ? digits : String(ports[at])
    })
}

describe.skipIf(reason !== undefined)(
  `ten minutes from nothing to an alert${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    test('the documented commands end with a firing alert and the trace behind it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-quick-start-'))
      const services: Service[] = []
      try {
        const move = portMover(await freePorts(PORTS.length))
        const config = join(folder, 'collector-config')
        cpSync(configFolder, config, {recursive: true})
        for (const name of readdirSync(config, {recursive: true, encoding: 'utf8'})) {
          const file = join(config, name)
          if (statSync(file).isFile()) writeFileSync(file, move(readFileSync(file, 'utf8')))
        }
        const bin = join(folder, 'bin')
        mkdirSync(bin)
        symlinkSync(jaeger.path as string, join(bin, 'jaeger'))
        symlinkSync(collector.path as string, join(bin, 'otelcol-contrib'))
        symlinkSync(programs?.alertmanager as string, join(bin, 'alertmanager'))
        const env = {
          PATH: [bin, process.env['PATH']].join(delimiter),
          HOME: folder,
          STATE: join(folder, 'state'),
          OTEL_EXPORTER_OTLP_ENDPOINT: move('http://127.0.0.1:4318'),
        }
        mkdirSync(env.STATE)
        const execute = async (command: string): Promise<string> => {
          const ran = await promisify(execFile)('bash', ['-c', move(command)], {cwd: config, env})
          return ran.stdout
        }

        const [cd, state, ...servers] = commandsOf('start')
        expect([cd, state]).toEqual(['cd collector-config', 'export STATE=$(mktemp -d)'])
        const ready: Record<string, string> = {
          jaeger: 'http://127.0.0.1:16686/api/services',
          'otelcol-contrib': 'http://127.0.0.1:4318/v1/traces',
          alertmanager: 'http://127.0.0.1:9093/-/ready',
          prometheus: 'http://127.0.0.1:9090/-/ready',
        }
        for (const line of servers) {
          const program = Object.keys(ready).find((name) => line.includes(`${name} --`)) ?? ''
          expect(line.endsWith(' &'), line).toBe(true)
          // `exec`, so that the process that is stopped in the end is the server and not a shell.
          services.push(
            await startService({
              name: program,
              command: 'bash',
              args: ['-c', `cd ${config}; exec env ${move(line.slice(0, -2))}`],
              env,
              ready: [move(ready[program] as string)],
            }),
          )
        }
        expect(services).toHaveLength(4)
        const [targets] = commandsOf('ready')
        await until('the three targets up', async () =>
          (await execute(targets as string)).split('=> 1 @').length === 4 ? true : undefined,
        )

        // `npm start` is this, after installing and building what is missing.
        expect(commandsOf('agent')).toEqual(['npm start'])
        const example = join(root, 'examples/refund-agent/run.js')
        const began = Date.now()
        const printed = await execute(`node ${example} ${join(folder, 'traces.jsonl')}`)
        expect(printed).toContain('sent to')
        const [query] = commandsOf('alert')
        const alert = await until(
          'the alert',
          async () => {
            const answer = await execute(query as string)
            return answer.includes('ReasoningChecksMissed') ? answer : undefined
          },
          60_000,
        )
        const seconds = ((Date.now() - began) / 1_000).toFixed(0)
        console.log(`quick start: the alert is there ${seconds} s after \`npm start\``)
        expect(alert).toContain('service="refund-agent"')
        expect(alert).toContain('signal="check_missed"')
        const [search] = commandsOf('trace')
        const found = await until('the trace', async () => {
          const {data} = JSON.parse(await execute(search as string)) as {
            data: {spans: {operationName: string}[]}[]
          }
          return data.length > 0 ? data : undefined
        })
        const names = found[0]?.spans.map(({operationName}) => operationName)
        expect(names).toContain('execute_tool issue_refund')
        expect(names).toContain('reasoning')

        const [signal, page] = commandsOf('signal')
        const endpoint = `--endpoint ${move('http://127.0.0.1:4318')}`
        expect(await execute(`${signal} ${endpoint}`)).toContain('sent trace')
        await until('the page', async () => {
          const answer = await execute(page as string)
          return answer.includes('service="test-signal"') ? answer : undefined
        })
      } finally {
        for (const service of services.toReversed()) await service.stop()
        rmSync(folder, {recursive: true, force: true})
      }
    }, 150_000)
  },
)
