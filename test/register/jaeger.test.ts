/** The whole way: a program without instrumentation, a real Jaeger, and what a person sees there. */
import {cpSync, mkdirSync, symlinkSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {buildJaeger} from '../backends/build.ts'
import {findTrace, searchTraces, type StoredSpan} from '../backends/jaeger-query.ts'
import {type Jaeger, startJaeger} from '../backends/jaeger.ts'
import {installPackage, type Project} from '../package/installed.ts'
import {startProgram} from './child.ts'

const built = await buildJaeger()

const byStart = (a: StoredSpan, b: StoredSpan): number =>
  Number(a.startTimeUnixNano - b.startTimeUnixNano)

describe.skipIf(built.path === undefined)(
  `a real Jaeger${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  () => {
    let jaeger: Jaeger
    const projects: Project[] = []
    beforeAll(async () => {
      jaeger = await startJaeger()
    })
    afterAll(async () => {
      await jaeger?.stop()
      for (const project of projects) project.remove()
    })

    /** A user's folder with the example in it; its client is the same on either line. */
    function installExample(set: 'sdk2' | 'sdk3'): Project {
      const project = installPackage(set)
      projects.push(project)
      if (set === 'sdk3') {
        symlinkSync(resolve('node_modules/openai'), join(project.folder, 'node_modules/openai'))
      }
      mkdirSync(join(project.folder, 'examples'))
      cpSync('examples/no-instrumentation', join(project.folder, 'examples/no-instrumentation'), {
        recursive: true,
      })
      cpSync('test/mock-providers', join(project.folder, 'test/mock-providers'), {recursive: true})
      return project
    }

    test.each([
      ['2.x', 'protobuf', 'sdk2', process.execPath],
      ['2.x', 'json', 'sdk2', process.execPath],
      ['2.x', 'grpc', 'sdk2', process.execPath],
      ['3.x', 'protobuf', 'sdk3', resolve('node_modules/.bin/node')],
    ] as const)(
      'shows agent, calls, measured thoughts and tool of a program, SDK %s, as %s',
      async (line, protocol, set, node) => {
        const {folder} = installExample(set)
        const service = `agent ${line} ${protocol}`
        const args = ['--import', 'otel-reasoning/register']
        const program = 'examples/no-instrumentation/agent.js'
        const {stdout, stderr, code} = await startProgram(
          node,
          [...args, program, '--mock'],
          folder,
          {
            OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? jaeger.otlpGrpcUrl : jaeger.otlpUrl,
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol === 'grpc' ? protocol : `http/${protocol}`,
            OTEL_SERVICE_NAME: service,
            OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
          },
        ).finished
        expect({stderr, code}).toEqual({stderr: '', code: 0})
        expect(stdout).toContain('qualifies for a refund')

        const [found, ...others] = await searchTraces(jaeger.queryUrl, {service})
        expect(others).toEqual([])
        const spans = await findTrace(jaeger.queryUrl, found!.traceId, {spans: found!.spans.length})
        expect(new Set(spans.map(({spanId}) => spanId)).size).toBe(spans.length)
        const below = (parent: StoredSpan | undefined): StoredSpan[] =>
          spans.filter(({parentSpanId}) => parentSpanId === parent?.spanId).toSorted(byStart)

        const roots = below(undefined)
        expect(roots.map(({name}) => name)).toEqual(['invoke_agent'])
        const parts = below(roots[0])
        expect(parts.map(({name}) => name)).toEqual([
          'chat deepseek-reasoner',
          'execute_tool lookup_order',
          'chat deepseek-reasoner',
        ])
        const tool = parts[1]
        expect(below(tool)).toEqual([])
        let steps = 0
        for (const call of [parts[0], parts[2]]) {
          const blocks = below(call)
          expect(blocks.map(({name}) => name)).toEqual(['reasoning'])
          for (const span of [...blocks, ...below(blocks[0])]) {
            expect(span.attributes['reasoning.timing']).toBe('measured')
          }
          steps += below(blocks[0]).length
        }
        expect(steps).toBeGreaterThanOrEqual(5)
        expect(spans).toHaveLength(1 + 3 + 2 + steps)
        const led = spans.filter(({attributes}) => attributes['reasoning.tool.call.ids'])
        expect(led.map(({attributes}) => attributes['reasoning.tool.call.ids'])).toEqual([
          [tool?.attributes['gen_ai.tool.call.id']],
        ])
      },
    )
  },
)
