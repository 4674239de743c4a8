import {readFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {buildJaeger} from '../backends/build.ts'
import {type Jaeger, startJaeger} from '../backends/jaeger.ts'
import {fixture, run, spansOf} from './command-line.ts'

const line = readFileSync(fixture('openinference'), 'utf8').trim()
const traceId: string = spansOf([JSON.parse(line)])[0]?.['traceId']

/** Ids as protobuf's own JSON mapping writes them, which Tempo uses. */
const withBase64Ids = (text: string): string =>
  text.replace(
    /"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"/g,
    (_, key: string, id: string) => `"${key}":"${Buffer.from(id, 'hex').toString('base64')}"`,
  )

describe('Tempo', () => {
  let server: Server
  let url: string
  const asked: {path: string; accept: string | undefined; tenant: unknown}[] = []

  const answers = (path: string): string | undefined => {
    const {resourceSpans} = JSON.parse(withBase64Ids(line))
    if (path === `/tempo/api/v2/traces/${traceId}`) {
      return JSON.stringify({trace: {resourceSpans}, status: 'COMPLETE'})
    }
    if (path === `/old/api/traces/${traceId}`) return JSON.stringify({batches: resourceSpans})
    if (path.startsWith('/tempo/api/search?')) return JSON.stringify({traces: [{traceID: traceId}]})
    return undefined
  }

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? ''
      asked.push({path, accept: request.headers.accept, tenant: request.headers['x-scope-orgid']})
      const answer = answers(path)
      response.writeHead(answer === undefined ? 404 : 200, {'content-type': 'application/json'})
      response.end(answer ?? 'trace not found')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  const show = async (...args: string[]) => {
    const ran = await run(['show', '--json', ...args])
    expect(ran.stderr).toBe('')
    return ran.json()
  }

  test('a trace is found at the base of either version of the API', async () => {
    for (const base of ['/tempo', '/old/']) {
      const [trace] = await show(`${url}${base}`, '--trace', traceId)
      expect(trace?.['traceId']).toBe(traceId)
      expect(trace?.['spanCount']).toBeGreaterThan(3)
    }
    expect(asked.every(({accept}) => accept === 'application/json')).toBe(true)
  })

  test('an address of the API is asked as it stands', async () => {
    asked.length = 0
    await show(`${url}/tempo/api/v2/traces/${traceId}`)
    expect(asked.map(({path}) => path)).toEqual([`/tempo/api/v2/traces/${traceId}`])
  })

  test('traces of a service are searched for, with the headers that were given', async () => {
    asked.length = 0
    const traces = await show(
      `${url}/tempo`,
      '--service',
      'refund-agent',
      '--header',
      'X-Scope-OrgID: 7',
    )
    expect(traces.map((trace) => trace['traceId'])).toEqual([traceId])
    const search = asked.find(({path}) => path.includes('/api/search?'))
    expect(new URL(search?.path ?? '', url).searchParams.get('q')).toBe(
      '{ resource.service.name = "refund-agent" }',
    )
    expect(asked.every(({tenant}) => tenant === '7')).toBe(true)
  })

  test('what is not there is said, with what was asked', async () => {
    const {code, stderr} = await run(['show', url, '--trace', traceId])
    expect(code).toBe(2)
    expect(stderr).toContain(`no such trace: ${url}/api/v3/traces/${traceId} 404`)
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const {port} = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const nobody = await run(['show', `http://127.0.0.1:${port}/trace/${traceId}`])
    expect(nobody.code).toBe(2)
    expect(nobody.stderr).toContain(
      `http://127.0.0.1:${port} refuses the connection: nothing listens there (ECONNREFUSED)`,
    )
    expect(nobody.stderr).toContain('port 16686')
  })

  test('doctor takes the same addresses', async () => {
    for (const args of [
      [`${url}/tempo`, '--trace', traceId],
      [`${url}/tempo`, '--service', 'refund-agent'],
      [`${url}/tempo/api/v2/traces/${traceId}`],
    ]) {
      const {code, stderr, json} = await run(['doctor', '--json', ...args])
      expect({code, stderr}).toEqual({code: 0, stderr: ''})
      expect(json()[0]).toMatchObject({finding: 'text', traceId})
    }
    const nowhere = await run(['doctor', url, '--trace', traceId])
    expect(nowhere.code).toBe(2)
    expect(nowhere.stderr).toContain('doctor: no such trace')
  })

  test('a page of searches means its service', async () => {
    const [trace] = await show(`${url}/tempo/search?service=refund-agent&limit=5`)
    expect(trace?.['traceId']).toBe(traceId)
    const {stderr, code} = await run(['show', `${url}/tempo/search`])
    expect(code).toBe(2)
    expect(stderr).toContain('names no trace')
  })

  test('the beginning of an id is refused before anybody is asked', async () => {
    asked.length = 0
    for (const args of [[`${url}/tempo`, '--trace', 'abc123'], [`${url}/trace/abc123`]]) {
      const {code, stderr} = await run(['show', ...args])
      expect(code).toBe(2)
      expect(stderr).toContain('the whole trace id, 32 hexadecimal digits; got 6 of them: abc123')
    }
    expect((await run(['show', url, '--trace', 'xyz'])).stderr).toContain('not a trace id: xyz')
    expect(asked).toEqual([])
  })
})

describe('a server', () => {
  let server: Server
  let url: string
  let status = 200
  beforeAll(async () => {
    server = createServer((request, response) => {
      const {pathname} = new URL(request.url ?? '', 'http://server')
      if (pathname === `/jaeger/api/traces/${traceId}`) {
        response.end(JSON.stringify({data: [{traceID: traceId, spans: [], processes: {}}]}))
      } else if (pathname === `/jaeger/api/v3/traces/${traceId}`) {
        response.end(JSON.stringify({result: JSON.parse(line)}))
      } else {
        response.writeHead(status, {'content-type': 'text/html'})
        response.end('<!doctype html><title>Some page</title>')
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  test('that is neither Jaeger nor Tempo is told to be none', async () => {
    for (status of [200, 404]) {
      for (const args of [
        ['--trace', traceId],
        ['--service', 'refund-agent'],
      ]) {
        const {code, stderr} = await run(['show', url, ...args])
        expect(code).toBe(2)
        expect(stderr).toContain(`${url} answers, but not as Jaeger or Tempo do`)
        expect(stderr).toContain('/api/v3/traces')
      }
    }
  })

  test('that asks who is there is named with the header it wants', async () => {
    status = 401
    for (const args of [
      ['--trace', traceId],
      ['--service', 'refund-agent'],
    ]) {
      const {code, stderr} = await run(['show', url, ...args])
      expect(code).toBe(2)
      expect(stderr).toContain('--header')
      expect(stderr).not.toContain('not as Jaeger')
    }
  })

  test('that answers in the JSON of Jaeger’s pages is asked for OTLP', async () => {
    const {code, json} = await run(['show', '--json', `${url}/jaeger/api/traces/${traceId}`])
    expect(code).toBe(0)
    expect(json()[0]?.['traceId']).toBe(traceId)
  })
})

const built = await buildJaeger()

if (built.path === undefined) console.warn(`Jaeger is not asked: ${built.reason}`)

describe.skipIf(built.path === undefined)('Jaeger', () => {
  let jaeger: Jaeger
  beforeAll(async () => {
    jaeger = await startJaeger()
    const {stdout} = await run(['expand', '--quiet', fixture('openinference')])
    const response = await fetch(jaeger.otlpTracesUrl, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: stdout,
    })
    if (!response.ok) throw new Error(`Jaeger answered ${response.status}`)
  })
  afterAll(() => jaeger.stop())

  const local = () => run(['show', '--width', '100', fixture('openinference')])

  test('what expand wrote is stored, and shown as it is shown from the file', async () => {
    const page = await run(['show', '--width', '100', `${jaeger.queryUrl}/trace/${traceId}`])
    expect(page.stderr).toBe('')
    expect(page.stdout).toBe((await local()).stdout)
    const base = await run(['show', '--width', '100', jaeger.queryUrl, '--trace', traceId])
    expect(base.stdout).toBe(page.stdout)
  })

  test('traces of a service are found', async () => {
    const {code, stdout} = await run([
      'show',
      '--width',
      '100',
      jaeger.queryUrl,
      '--service',
      'refund-agent',
      '--since',
      '3650d',
    ])
    expect(code).toBe(0)
    expect(stdout).toBe((await local()).stdout)
  })

  test('a service that is not there is said', async () => {
    const {code, stderr} = await run(['show', jaeger.queryUrl, '--service', 'nobody'])
    expect(code).toBe(2)
    expect(stderr).toContain('no traces of service "nobody"')
  })
})
