/**
 * Sends while the process ends, when nothing that takes a turn of the event loop can be done any
 * more: a process of its own does it, and this one waits.
 */
import type {OtlpTarget} from './environment.ts'

/** Milliseconds that the end of the program is held up, at most. */
const MAX_WAIT_MILLIS = 3_000

/** Reads a line of JSON and the bodies behind it, whose lengths it says; prints what went wrong. */
const SCRIPT = `
const chunks = []
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {
  const input = Buffer.concat(chunks)
  const head = input.indexOf(10)
  const {url, headers, lengths, timeout} = JSON.parse(input.subarray(0, head))
  const signal = AbortSignal.timeout(timeout)
  let at = head + 1
  try {
    for (const length of lengths) {
      const body = input.subarray(at, (at += length))
      const response = await fetch(url, {method: 'POST', headers, body, signal})
      if (!response.ok) throw new Error('status ' + response.status)
      await response.arrayBuffer()
    }
  } catch (error) {
    process.stdout.write(String(error.cause?.code ?? error.message))
    process.exitCode = 1
  }
})`

/**
 * @param bodies one request each
 * @returns what went wrong; `undefined` where all was taken
 */
export function sendNow(target: OtlpTarget, bodies: readonly Uint8Array[]): string | undefined {
  const {spawnSync} = process.getBuiltinModule('node:child_process')
  const isJson = target.protocol === 'http/json'
  const head = {
    url: target.url,
    headers: {
      ...target.headers,
      'content-type': isJson ? 'application/json' : 'application/x-protobuf',
    },
    lengths: bodies.map((body) => body.byteLength),
    timeout: MAX_WAIT_MILLIS,
  }
  // Not on the command line, where everybody on the machine could read the headers.
  const input = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...bodies])
  const {status, stdout, error} = spawnSync(process.execPath, ['--eval', SCRIPT], {
    input,
    env: {...process.env, NODE_OPTIONS: '', OTEL_SDK_DISABLED: 'true'},
    timeout: MAX_WAIT_MILLIS + 500,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  if (status === 0) return undefined
  return stdout?.toString().slice(0, 200) || (error as NodeJS.ErrnoException)?.code || 'no answer'
}
