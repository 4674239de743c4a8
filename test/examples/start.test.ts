import {mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, test} from 'vitest'
import {answeringTracesUrl, tracesUrl} from '../../examples/refund-agent/collector.js'
import {buildProblem, nextSteps, nodeProblem, runsIn, silentEndpoint} from '../../scripts/start.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'otel-reasoning-start-'))
afterAll(() => rmSync(scratch, {recursive: true}))

describe('nodeProblem', () => {
  const range = '^20.19.0 || >=22.12.0'
  test.each(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v22.13.0', 'v24.0.0', 'v100.0.0'])(
    '%s will do',
    (version) => expect(nodeProblem(version, range)).toBeUndefined(),
  )
  test.each(['v18.20.0', 'v20.18.3', 'v21.9.0', 'v22.11.9'])('%s will not do', (version) =>
    expect(nodeProblem(version, range)).toBe(`expected Node ${range}, got ${version}`),
  )
  test('a range that cannot be read lets nothing pass in silence', () => {
    expect(nodeProblem('v24.0.0', '24.x')).toBe('expected Node 24.x, got v24.0.0')
  })
})

describe('buildProblem', () => {
  const folder = join(scratch, 'package')
  const at = (path: string, seconds: number) => utimesSync(join(folder, path), seconds, seconds)
  beforeEach(() => {
    rmSync(folder, {recursive: true, force: true})
    for (const path of ['src/capture', 'dist']) mkdirSync(join(folder, path), {recursive: true})
    const files = ['package.json', 'src/index.ts', 'src/capture/fetch.ts', 'dist/.built']
    for (const path of files) writeFileSync(join(folder, path), '')
    for (const path of [...files, 'src', 'src/capture']) at(path, 1000)
    at('dist/.built', 2000)
  })

  test('a build that is younger than every source is kept', () => {
    expect(buildProblem(folder)).toBeUndefined()
  })
  test('without a build there is one to make', () => {
    rmSync(join(folder, 'dist'), {recursive: true})
    expect(buildProblem(folder)).toBe('nothing is built yet')
  })
  test('a source that changed is named', () => {
    at('src/capture/fetch.ts', 3000)
    expect(buildProblem(folder)).toBe(join('src', 'capture', 'fetch.ts') + ' has changed')
  })
  test('a source that went is noticed', () => {
    rmSync(join(folder, 'src/capture/fetch.ts'))
    expect(buildProblem(folder)).toBe(join('src', 'capture') + ' has changed')
  })
})

describe('nextSteps', () => {
  const runs = [{id: 'abc', name: 'right-branch'}]

  test('with a Jaeger, the link of each trace', () => {
    const steps = nextSteps({runs, collector: 'http://a:4318/v1/traces', ui: 'http://a:16686'})
    expect(steps.slice(0, 2)).toEqual([
      'Open in Jaeger:',
      '  right-branch      http://a:16686/trace/abc',
    ])
  })
  test('with some other collector, its address', () => {
    expect(nextSteps({runs, collector: 'http://a:4318/v1/traces'})[0]).toContain(
      'http://a:4318/v1/traces',
    )
  })
  test('with none, how to start a Jaeger', () => {
    expect(nextSteps({runs}).join('\n')).toContain('docker run --rm -p 16686:16686 -p 4318:4318')
  })
  test('with none where the environment names one, that it does not answer', () => {
    const env = {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1'}
    expect(silentEndpoint(env)).toContain(
      'OTEL_EXPORTER_OTLP_ENDPOINT is set, but nothing took the spans at http://c:1/v1/traces',
    )
    expect(silentEndpoint({...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:2/x'})).toMatch(
      /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set, .* at http:\/\/t:2\/x/,
    )
    expect(silentEndpoint({})).toBeUndefined()
    expect(nextSteps({runs, silent: silentEndpoint(env)})[0]).toBe(silentEndpoint(env))
    expect(nextSteps({runs}).join('\n')).not.toContain('is set')
  })
  test('the commands to go on with, always', () => {
    for (const collector of [undefined, 'http://a:4318/v1/traces']) {
      const steps = nextSteps({runs, collector}).join('\n')
      expect(steps).toContain('npx otel-reasoning show --text traces.jsonl')
      expect(steps).toContain('npx otel-reasoning doctor FILE')
    }
  })
})

test('runs are listed as they began, whatever their order in the file', () => {
  const file = join(scratch, 'traces.jsonl')
  const line = (...spans: object[]) => JSON.stringify({resourceSpans: [{scopeSpans: [{spans}]}]})
  const root = (traceId: string, startTimeUnixNano: string, attributes: object[] = []) => ({
    traceId,
    name: 'invoke_agent',
    startTimeUnixNano,
    attributes,
  })
  const named = [{key: 'gen_ai.conversation.id', value: {stringValue: 'second run'}}]
  writeFileSync(
    file,
    [
      line(root('b', '1774778400000000002', named), {...root('b', '3'), parentSpanId: 'x'}),
      line(root('a', '1774778400000000001')),
      '',
    ].join('\n'),
  )
  expect(runsIn(file)).toEqual([
    {id: 'a', name: 'invoke_agent'},
    {id: 'b', name: 'second run'},
  ])
})

describe('the collector', () => {
  test('is where the exporter’s environment variables say', () => {
    expect(tracesUrl({})).toBe('http://localhost:4318/v1/traces')
    expect(tracesUrl({OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1/'})).toBe('http://c:1/v1/traces')
    expect(
      tracesUrl({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:2/x',
      }),
    ).toBe('http://t:2/x')
  })

  test('answers if it takes an empty request, and not if it is something else or nothing', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      request.resume()
      const status = request.url === '/v1/traces' ? 200 : 404
      request.on('end', () => response.writeHead(status).end('{}'))
    })
    await new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const answers = (endpoint: string) =>
      answeringTracesUrl({OTEL_EXPORTER_OTLP_ENDPOINT: endpoint})
    expect(await answers(base)).toBe(`${base}/v1/traces`)
    expect(await answers(`${base}/elsewhere`)).toBeUndefined()
    expect(asked).toEqual(['POST /v1/traces', 'POST /elsewhere/v1/traces'])
    server.closeAllConnections()
    await new Promise((ok) => server.close(ok))
    expect(await answers(base)).toBeUndefined()
  })
})
