/** Programs started with `--import otel-reasoning/register`, as their users start them. */
import {cpSync, mkdirSync, readdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {type MockProviders, startMockProviders} from '../mock-providers/server.mjs'
import {installPackage, type Project} from '../package/installed.ts'
import {
  type Collector,
  type Finished,
  type ReceivedSpan,
  startCollector,
  startProgram,
  writeProgram,
} from './child.ts'

const NODE_24 = resolve('node_modules/.bin/node')
const IMPORT = ['--import', 'otel-reasoning/register']

/** Longer than what is analysed in the turn in which its call ends. */
const LONG_THOUGHT = 'First I compare the dates. Then I check the window again. '.repeat(1_000)

let mock: MockProviders
let collector: Collector
beforeAll(async () => {
  mock = await startMockProviders({
    delayMs: 1,
    conversations: {long: [{thought: LONG_THOUGHT, answer: 'It qualifies for a refund.'}]},
  })
})
afterAll(() => mock.close())
beforeEach(async () => {
  collector = await startCollector()
})
afterEach(() => collector.close())

const projects: Project[] = []
function install(set: 'sdk2' | 'sdk3', dependencies?: readonly string[]): Project {
  const project = installPackage(set, dependencies)
  projects.push(project)
  return project
}
afterAll(() => {
  for (const project of projects) project.remove()
})

const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  MODEL_URL: mock.url,
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_SERVICE_NAME: 'my-agent',
  ...more,
})

const run = (
  project: Project,
  code: string,
  env: Record<string, string> = {},
  node = process.execPath,
  args: readonly string[] = IMPORT,
): Promise<Finished> => {
  const program = writeProgram(project.folder, 'app.mjs', code)
  return startProgram(node, [...args, program], project.folder, environment(env)).finished
}

const PLAY = `
import {play} from './agent.mjs'
console.log(await play())
`
const ANSWER = 'qualifies for a refund'

/** Names below each span, in the order of their starts. */
type Tree = [string, ...Tree[]]
function treeOf(spans: readonly ReceivedSpan[], parentId?: string): Tree[] {
  return spans
    .filter((span) => (span.parentSpanId || undefined) === parentId)
    .toSorted((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
    .map((span) => [span.name, ...treeOf(spans, span.spanId)])
}

/** The tree without the steps of a thought, which are the analysis' matter. */
const outline = (): Tree[] => {
  const spans = collector.spans()
  expect(new Set(spans.map(({spanId}) => spanId)).size).toBe(spans.length)
  return treeOf(spans.filter(({name}) => !name.startsWith('reasoning ')))
}

const AGENT_TREE: Tree[] = [
  [
    'invoke_agent',
    ['chat deepseek-r1', ['reasoning']],
    ['execute_tool lookup_order'],
    ['chat deepseek-r1', ['reasoning']],
  ],
]

const fine = ({stdout, stderr, code, signal}: Finished): void => {
  expect({stderr, code, signal}).toEqual({stderr: '', code: 0, signal: null})
  expect(stdout).toContain(ANSWER)
}

let sdk2: Project
beforeAll(() => {
  sdk2 = install('sdk2')
})

describe.each([
  ['2.x', 'sdk2', process.execPath],
  ['3.x', 'sdk3', NODE_24],
] as const)('a program without any set-up, SDK %s', (_line, set, node) => {
  let project: Project
  beforeAll(() => {
    project = set === 'sdk2' ? sdk2 : install(set)
  })

  test('has one trace: agent, calls, thoughts, tool', async () => {
    fine(await run(project, PLAY, {}, node))
    expect(outline()).toEqual(AGENT_TREE)
    for (const span of collector.spans()) expect(span.service).toBe('my-agent')
    const texts = collector.spans().map(({attributes}) => attributes['reasoning.text'])
    expect(texts.filter((text) => text !== undefined)).toEqual([])
  })

  test('whose text is there where it is allowed', async () => {
    const OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT = 'true'
    fine(await run(project, PLAY, {OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT}, node))
    const spans = collector.spans()
    const texts = spans.map(({attributes}) => attributes['reasoning.text'] ?? '').join(' ')
    expect(texts).toContain('I should call lookup_order with the order id')
    const tool = spans.find(({name}) => name.startsWith('execute_tool'))
    expect(tool?.attributes['gen_ai.tool.call.result']).toBe('{"delivered": "2026-03-06"}')
  })

  test('keeps its spans when it calls process.exit', async () => {
    fine(await run(project, `${PLAY}\nprocess.exit(0)`, {}, node))
    expect(outline()).toEqual(AGENT_TREE)
  })

  test('keeps its spans when it fails, and fails as it would', async () => {
    const {code, stderr} = await run(project, `${PLAY}\nthrow new Error('mine')`, {}, node)
    expect(code).toBe(1)
    expect(stderr).toContain('Error: mine')
    expect(outline()).toEqual(AGENT_TREE)
  })

  test('takes headers, resource attributes and a sampler from the environment', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=refunds%20eu,authorization=Basic%20abc',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    }
    fine(await run(project, PLAY, env, node))
    expect(collector.headers[0]).toMatchObject({
      'x-team': 'refunds eu',
      authorization: 'Basic abc',
    })
    const sent = collector.spans().length
    fine(await run(project, PLAY, {...env, OTEL_TRACES_SAMPLER: 'always_off'}, node))
    expect(collector.spans()).toHaveLength(sent)
  })

  test('puts its calls below spans that it makes by the API alone', async () => {
    const code = `
      import {trace} from '@opentelemetry/api'
      import {play} from './agent.mjs'
      const tracer = trace.getTracer('app')
      await tracer.startActiveSpan('handle request', async (span) => {
        console.log(await play())
        span.end()
      })`
    fine(await run(project, code, {}, node))
    expect(outline()).toEqual([
      [
        'handle request',
        ['chat deepseek-r1', ['reasoning']],
        ['execute_tool lookup_order'],
        ['chat deepseek-r1', ['reasoning']],
      ],
    ])
  })
})

describe('SDK 3.x, where what is imported and what is required are two copies of the API', () => {
  let project: Project
  beforeAll(() => {
    project = install('sdk3')
  })
  const start = (name: string, code: string): Promise<Finished> => {
    const program = writeProgram(project.folder, name, code)
    return startProgram(NODE_24, [...IMPORT, program], project.folder, environment()).finished
  }
  const BELOW_A_SPAN = `
    trace.getTracer('app').startActiveSpan('handle request', async (span) => {
      console.log(await play())
      span.end()
      await sdk?.shutdown()
    })`
  const tree: Tree[] = [
    [
      'handle request',
      ['chat deepseek-r1', ['reasoning']],
      ['execute_tool lookup_order'],
      ['chat deepseek-r1', ['reasoning']],
    ],
  ]
  const SDK = `
    const sdk = new NodeSDK({
      serviceName: 'its-own',
      instrumentations: [],
      spanProcessors: [new ReasoningSpanProcessor({next: new BatchSpanProcessor({exporter: new OTLPTraceExporter()})})],
    })
    sdk.start()`
  const NAMES: readonly (readonly [string, string])[] = [
    ['NodeSDK', '@opentelemetry/sdk-node'],
    ['BatchSpanProcessor', '@opentelemetry/sdk-trace'],
    ['OTLPTraceExporter', '@opentelemetry/exporter-trace-otlp-http'],
    ['ReasoningSpanProcessor', 'otel-reasoning'],
    ['trace', '@opentelemetry/api'],
    ['play', './agent.mjs'],
  ]
  const imports = (names = NAMES): string =>
    names.map(([name, from]) => `import {${name}} from '${from}'\n`).join('')
  const requires = (names = NAMES): string =>
    names.map(([name, from]) => `const {${name}} = require('${from}')\n`).join('')

  test.each([
    ['imported', 'app.mjs', imports],
    ['required', 'app.cjs', requires],
  ])('a NodeSDK that is %s keeps its provider', async (_how, name, load) => {
    fine(await start(name, `${load()}${SDK}${BELOW_A_SPAN}`))
    expect(outline()).toEqual(tree)
    for (const span of collector.spans()) expect(span.service).toBe('its-own')
  })

  test('spans that a CommonJS program makes by the API alone go through ours', async () => {
    fine(await start('app.cjs', `let sdk\n${requires(NAMES.slice(4))}${BELOW_A_SPAN}`))
    expect(outline()).toEqual(tree)
    for (const span of collector.spans()) expect(span.service).toBe('my-agent')
  })
})

describe('beside a set-up of the application', () => {
  const nodeSdk = (processor: string): string => `
    import {NodeSDK} from '@opentelemetry/sdk-node'
    import {trace} from '@opentelemetry/api'
    import {BatchSpanProcessor} from '@opentelemetry/sdk-trace-base'
    import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
    import {ReasoningSpanProcessor} from 'otel-reasoning'
    import {play} from './agent.mjs'
    const batch = new BatchSpanProcessor(new OTLPTraceExporter())
    const sdk = new NodeSDK({serviceName: 'its-own', instrumentations: [], spanProcessors: [${processor}]})
    sdk.start()
    `

  test('NodeSDK with our processor keeps all, and nothing is doubled', async () => {
    const code = `${nodeSdk('new ReasoningSpanProcessor({next: batch})')}
      await trace.getTracer('app').startActiveSpan('handle request', async (span) => {
        console.log(await play())
        span.end()
      })
      console.log(await play())
      await sdk.shutdown()`
    fine(await run(sdk2, code))
    expect(outline()).toEqual([
      [
        'handle request',
        ['chat deepseek-r1', ['reasoning']],
        ['execute_tool lookup_order'],
        ['chat deepseek-r1', ['reasoning']],
      ],
      ...AGENT_TREE,
    ])
    for (const span of collector.spans()) expect(span.service).toBe('its-own')
  })

  test('NodeSDK without it has calls, and whoever started it is told once what to add', async () => {
    const code = `${nodeSdk('batch')}
      await trace.getTracer('app').startActiveSpan('handle request', async (span) => {
        console.log(await play())
        span.end()
      })
      await sdk.shutdown()`
    const {stdout, stderr, code: status} = await run(sdk2, code)
    expect(status).toBe(0)
    expect(stdout).toContain(ANSWER)
    expect(outline()).toEqual([['handle request', ['chat deepseek-r1'], ['chat deepseek-r1']]])
    expect(stderr.match(/ReasoningSpanProcessor\({next/g)).toHaveLength(1)
  })

  test('tools that have spans of their own get no second ones', async () => {
    const code = `${nodeSdk('new ReasoningSpanProcessor({next: batch})')}
      const tracer = trace.getTracer('app')
      const tool = (call, action) =>
        tracer.startActiveSpan('my tool', {attributes: {'gen_ai.tool.call.id': call.id}}, async (span) => {
          const result = await action()
          span.end()
          return result
        })
      await tracer.startActiveSpan('agent', async (span) => {
        console.log(await play(tool))
        span.end()
      })
      await sdk.shutdown()`
    fine(await run(sdk2, code))
    expect(outline()).toEqual([
      [
        'agent',
        ['chat deepseek-r1', ['reasoning']],
        ['my tool'],
        ['chat deepseek-r1', ['reasoning']],
      ],
    ])
  })

  test('@vercel/otel keeps its provider', async () => {
    const code = `
      import {registerOTel} from '@vercel/otel'
      import {BatchSpanProcessor} from '@opentelemetry/sdk-trace-base'
      import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
      import {trace} from '@opentelemetry/api'
      import {ReasoningSpanProcessor} from 'otel-reasoning'
      import {play} from './agent.mjs'
      const processor = new ReasoningSpanProcessor({
        next: new BatchSpanProcessor(new OTLPTraceExporter()),
      })
      registerOTel({serviceName: 'on-vercel', instrumentations: [], spanProcessors: [processor]})
      console.log(await play())
      await processor.forceFlush()
      process.exit(0)`
    // Vercel's prefers the variable to its own option.
    fine(await run(sdk2, code, {OTEL_SERVICE_NAME: ''}))
    expect(outline()).toEqual(AGENT_TREE)
    for (const span of collector.spans()) expect(span.service).toBe('on-vercel')
  })

  test('tracers that were asked for before the set-up lead to it afterwards', async () => {
    const code = `
      import {trace} from '@opentelemetry/api'
      const early = trace.getTracer('early')
      const {BasicTracerProvider, SimpleSpanProcessor, InMemorySpanExporter} = await import('@opentelemetry/sdk-trace-base')
      early.startSpan('before').end()
      const exporter = new InMemorySpanExporter()
      const ok = trace.setGlobalTracerProvider(
        new BasicTracerProvider({spanProcessors: [new SimpleSpanProcessor(exporter)]}),
      )
      early.startSpan('after').end()
      console.log(ok, exporter.getFinishedSpans().map((span) => span.name).join())`
    const {stdout, stderr} = await run(sdk2, code)
    expect({stdout, stderr}).toEqual({stdout: 'true after\n', stderr: ''})
    expect(collector.spans().map(({name}) => name)).toEqual(['before'])
  })
})

describe('imported again', () => {
  test('changes nothing', async () => {
    const code = `import 'otel-reasoning/register'\nimport {createRequire} from 'node:module'
      createRequire(import.meta.url)('otel-reasoning/register')\n${PLAY}`
    fine(await run(sdk2, code, {}, process.execPath, [...IMPORT, ...IMPORT]))
    expect(outline()).toEqual(AGENT_TREE)
  })

  test('as another copy changes nothing either', async () => {
    const copy = join(sdk2.folder, 'other/node_modules/otel-reasoning')
    mkdirSync(copy, {recursive: true})
    for (const name of readdirSync(join(sdk2.folder, 'node_modules/otel-reasoning'))) {
      if (name === 'dist' || name === 'package.json') {
        cpSync(join(sdk2.folder, 'node_modules/otel-reasoning', name), join(copy, name), {
          recursive: true,
        })
      }
    }
    const code = `import './other/node_modules/otel-reasoning/dist/register.js'
      import {instrumentFetch} from './other/node_modules/otel-reasoning/dist/fetch.js'
      instrumentFetch()\n${PLAY}`
    fine(await run(sdk2, code))
    expect(outline()).toEqual(AGENT_TREE)
  })
})

describe('does nothing', () => {
  test('where OTEL_SDK_DISABLED is true', async () => {
    const code = `${PLAY}\nconsole.log(Object.getOwnPropertySymbols(globalThis).map(String).join())`
    const finished = await run(sdk2, code, {OTEL_SDK_DISABLED: 'true'})
    fine(finished)
    expect(finished.stdout).not.toContain('otel-reasoning.fetch')
    expect(collector.headers).toEqual([])
  })

  test('where OTEL_TRACES_EXPORTER is none', async () => {
    fine(await run(sdk2, PLAY, {OTEL_TRACES_EXPORTER: 'none'}))
    expect(collector.headers).toEqual([])
  })

  test('but load nothing of an SDK in a program that calls no model', async () => {
    const code = `console.log(Object.keys((await import('node:module')).createRequire(import.meta.url).cache).filter((path) => /sdk-trace|exporter/.test(path)).length)`
    const {stdout, stderr} = await run(sdk2, code)
    expect({stdout, stderr}).toEqual({stdout: '0\n', stderr: ''})
  })

  test('but say what is missing, with the line that installs it', async () => {
    const bare = install('sdk2', ['@opentelemetry/api'])
    const {stdout, stderr, code} = await run(bare, PLAY, {OTEL_EXPORTER_OTLP_PROTOCOL: ''})
    expect(code).toBe(0)
    expect(stdout).toContain(ANSWER)
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(
      'npm install @opentelemetry/sdk-trace-base@2 @opentelemetry/exporter-trace-otlp-proto@0.223 @opentelemetry/context-async-hooks@2',
    )
  })
})

describe('the end of a program', () => {
  test('is not held up where nobody takes the spans, and they are told of', async () => {
    const env = {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1'}
    const {stdout, stderr, code, millis} = await run(sdk2, PLAY, env)
    expect(code).toBe(0)
    expect(stdout).toContain(ANSWER)
    expect(stderr).toMatch(/^otel-reasoning\/register: \d+ spans could not be sent to [^\n]+\n$/)
    // The exporter by itself would try for ten seconds.
    expect(millis).toBeLessThan(8_000)
  })

  test('is not held up by spans that were on their way before it', async () => {
    const env = {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_BSP_SCHEDULE_DELAY: '50'}
    const code = `${PLAY}
      await new Promise((ok) => setTimeout(ok, 500))
      const start = Date.now()
      process.on('exit', () => console.log('ended', Date.now() - start < 4_000))`
    const {stdout, stderr, code: status} = await run(sdk2, code, env)
    expect(status).toBe(0)
    expect(stdout).toContain('ended true')
    // Those that could not be sent were not forgotten either.
    expect(stderr).toMatch(/^otel-reasoning\/register: \d+ spans could not be sent to [^\n]+\n$/)
  })

  test('comes after a flush() that it waits for, with whatever code it has', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    }
    const code = `${PLAY}
      import {flush} from 'otel-reasoning/register'
      process.exitCode = 3
      await flush()
      console.log('flushed')`
    const {stdout, code: status} = await run(sdk2, code, env)
    expect(stdout).toContain('flushed')
    expect(status).toBe(3)
  })

  test('by process.exit() right after a long thought keeps all of it', async () => {
    const code = `
      const response = await fetch(process.env.MODEL_URL + '/v1/chat/completions', {
        method: 'POST',
        headers: {'x-mock-conversation': 'long'},
        body: JSON.stringify({model: 'deepseek-r1', messages: [{role: 'user', content: 'Hi'}]}),
      })
      console.log((await response.json()).choices[0].message.content)
      process.exit(0)`
    fine(await run(sdk2, code))
    expect(outline()).toEqual([['chat deepseek-r1', ['reasoning']]])
    const block = collector.spans().find(({name}) => name === 'reasoning')
    expect(Number(block?.attributes['reasoning.text_length'])).toBeGreaterThan(57_000)
    const steps = collector.spans().filter(({name}) => name.startsWith('reasoning '))
    const found = Number(block?.attributes['reasoning.step.count'])
    expect(found).toBeGreaterThan(0)
    expect(steps).toHaveLength(Math.min(found, 64))
  })

  test('while spans are on their way loses none of them', async () => {
    fine(await run(sdk2, PLAY, {OTEL_BSP_SCHEDULE_DELAY: '1'}))
    const names = new Map(collector.spans().map(({spanId, name}) => [spanId, name]))
    const known = [...names.values()].filter((name) => !name.startsWith('reasoning '))
    expect(known.toSorted()).toEqual([
      'chat deepseek-r1',
      'chat deepseek-r1',
      'execute_tool lookup_order',
      'invoke_agent',
      'reasoning',
      'reasoning',
    ])
  })

  test('is that of a worker where the model is called in one', async () => {
    const code = `
      import {Worker} from 'node:worker_threads'
      new Worker(new URL('./worker.mjs', import.meta.url)).on('exit', (status) => console.log('worker', status))`
    writeProgram(sdk2.folder, 'worker.mjs', PLAY)
    const finished = await run(sdk2, code)
    fine(finished)
    expect(finished.stdout).toContain('worker 0')
    expect(outline()).toEqual(AGENT_TREE)
  })

  test('by a signal is that of signal-exit, which ends the process where nobody else listens', async () => {
    // What its version 4 does: it counts, and kills the process itself.
    const code = `
      import {play} from './agent.mjs'
      const emitter = (globalThis[Symbol.for('signal-exit emitter')] = {count: 1})
      const listener = () => {
        if (process.listeners('SIGTERM').length === emitter.count) {
          process.removeListener('SIGTERM', listener)
          process.kill(process.pid, 'SIGTERM')
        }
      }
      setInterval(() => {}, 1000)
      await play()
      process.on('SIGTERM', listener)
      console.log('played')`
    const program = writeProgram(sdk2.folder, 'app.mjs', code)
    const running = startProgram(process.execPath, [...IMPORT, program], sdk2.folder, environment())
    await running.printed('played')
    running.child.kill('SIGTERM')
    expect(await running.finished).toMatchObject({signal: 'SIGTERM', stderr: ''})
    expect(outline()).toEqual(AGENT_TREE)
  })

  const IN_THE_MIDDLE = `
    const response = await fetch(process.env.MODEL_URL + '/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify({model: 'deepseek-r1', stream: true, messages: [{role: 'user', content: 'Hi'}]}),
    })
    let seen = 0
    for await (const chunk of response.body) if (++seen === 6) console.log('thinking')`

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s is its own, and what was thought until then is kept',
    async (signal) => {
      const slow = await startMockProviders({delayMs: 60})
      const program = writeProgram(sdk2.folder, 'app.mjs', IN_THE_MIDDLE)
      const env = environment({MODEL_URL: slow.url})
      const running = startProgram(process.execPath, [...IMPORT, program], sdk2.folder, env)
      await running.printed('thinking')
      running.child.kill(signal)
      const finished = await running.finished
      await slow.close()
      expect(finished).toMatchObject({signal, code: null, stderr: ''})
      expect(outline()).toEqual([['chat deepseek-r1', ['reasoning']]])
      const block = collector.spans().find(({name}) => name === 'reasoning')
      expect(block?.attributes['reasoning.text_incomplete']).toBe(true)
      expect(block?.attributes['reasoning.timing']).toBe('measured')
    },
  )

  test('is left to an application that listens for the signal', async () => {
    const code = `
      import {play} from './agent.mjs'
      process.on('SIGTERM', () => {
        console.log('mine', process.listenerCount('SIGTERM'))
        setTimeout(() => process.exit(7), 50)
      })
      setInterval(() => {}, 1000)
      await play()
      console.log('played')`
    const program = writeProgram(sdk2.folder, 'app.mjs', code)
    const running = startProgram(process.execPath, [...IMPORT, program], sdk2.folder, environment())
    await running.printed('played')
    running.child.kill('SIGTERM')
    const {code: status, stdout, stderr} = await running.finished
    expect({status, stderr}).toEqual({status: 7, stderr: ''})
    // As many as without us, for libraries that count them.
    expect(stdout).toContain('mine 1\n')
    expect(outline()).toEqual(AGENT_TREE)
  })
})
