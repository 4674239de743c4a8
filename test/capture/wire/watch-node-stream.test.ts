import {PassThrough, Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {expect, test} from 'vitest'
import type {BodyWatcher} from '../../../src/capture/wire/tap-body.ts'
import {isNodeStream, watchNodeStream} from '../../../src/capture/wire/watch-node-stream.ts'

interface Seen {
  text: string
  told: string[]
  watcher: BodyWatcher
}

function createWatcher(): Seen {
  const seen: Seen = {
    text: '',
    told: [],
    watcher: {
      chunk(bytes) {
        seen.text += Buffer.from(bytes).toString()
      },
      end: () => seen.told.push('end'),
      fail: (error) => seen.told.push(`fail: ${(error as Error).message}`),
      cancel: () => seen.told.push('cancel'),
    },
  }
  return seen
}

const turn = (): Promise<void> => new Promise((ok) => setImmediate(ok))
const CHUNKS = ['one ', 'two ', 'three']
const TEXT = CHUNKS.join('')

const READERS: Readonly<Record<string, (stream: Readable) => Promise<string>>> = {
  async iteration(stream) {
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    return text
  },
  async listening(stream) {
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await new Promise((ok) => stream.on('end', ok))
    return text
  },
  async piping(stream) {
    const chunks: Buffer[] = []
    const target = new PassThrough()
    target.on('data', (chunk: Buffer) => chunks.push(chunk))
    await pipeline(stream, target)
    return Buffer.concat(chunks).toString()
  },
  async 'a web stream'(stream) {
    return new Response(Readable.toWeb(stream) as ReadableStream).text()
  },
}

test.each(Object.entries(READERS))('%s reads what it would, and so do we', async (_, read) => {
  const stream = new PassThrough()
  const {watcher, ...rest} = createWatcher()
  const seen = Object.assign(rest, {watcher})
  watchNodeStream(stream, {...watcher, chunk: (bytes) => (seen.text += Buffer.from(bytes))})
  const reading = read(stream)
  for (const chunk of CHUNKS) {
    stream.write(chunk)
    await turn()
  }
  stream.end()
  expect(await reading).toBe(TEXT)
  expect(seen.text).toBe(TEXT)
  expect(seen.told).toEqual(['end'])
})

test('what had arrived before it was watched is seen when it is read', async () => {
  const stream = new PassThrough()
  stream.write('one ')
  await turn()
  const seen = createWatcher()
  watchNodeStream(stream, seen.watcher)
  stream.end('two')
  await READERS['iteration']?.(stream)
  expect(seen.text).toBe('one two')
})

test('a stream that nobody reads does not begin to flow, and takes no more than it would', async () => {
  let made = 0
  const stream = new Readable({
    highWaterMark: 10,
    read() {
      made++
      this.push('1234567890')
    },
  })
  const seen = createWatcher()
  watchNodeStream(stream, seen.watcher)
  await turn()
  await turn()
  expect(made).toBe(0)
  expect(seen.text).toBe('')
  stream.read(5)
  await turn()
  expect(made).toBeLessThanOrEqual(3)
})

test('an error goes to its reader and to us, whether or not somebody listens for it', async () => {
  const listened = new PassThrough()
  const first = createWatcher()
  watchNodeStream(listened, first.watcher)
  await expect(
    (async () => {
      const reading = READERS['iteration']?.(listened)
      listened.destroy(new Error('cut'))
      await reading
    })(),
  ).rejects.toThrow('cut')
  expect(first.told).toEqual(['fail: cut'])

  const quiet = new Readable({
    read() {},
    // As an incoming message does: nobody listens, so nobody is told.
    destroy: (_error, callback) => callback(null),
  })
  const second = createWatcher()
  watchNodeStream(quiet, second.watcher)
  quiet.destroy(new Error('cut'))
  await turn()
  expect(second.told).toEqual(['fail: cut'])
})

test('an error that nobody handles stays one', () => {
  const stream = new PassThrough()
  watchNodeStream(stream, createWatcher().watcher)
  expect(() => stream.emit('error', new Error('unhandled'))).toThrow('unhandled')
})

test('a reader that gives up is told of once', async () => {
  const stream = new PassThrough()
  const seen = createWatcher()
  watchNodeStream(stream, seen.watcher)
  stream.write('one ')
  for await (const _ of stream) break
  await turn()
  expect(seen.text).toBe('one ')
  expect(seen.told).toEqual(['cancel'])
})

test('what is no Node stream is not taken for one', () => {
  expect(isNodeStream(new PassThrough())).toBe(true)
  expect(isNodeStream(new ReadableStream())).toBe(false)
  expect(isNodeStream(undefined)).toBe(false)
  expect(isNodeStream(new Uint8Array(1))).toBe(false)
})
