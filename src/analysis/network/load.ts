/**
 * Finds the data file. Nothing of it is read before it is needed. In Node it is read from beside
 * this module, at once; where there are no files, a bundler or the platform imports it, which takes
 * a turn of the event loop, and the rules answer until then.
 */
import {warn} from '../../fault-report.ts'
import {readWeights, type Weights} from './weights.ts'

/** The data as a module; written by the build from `kinds.bin`. */
const MODULE = './kinds-data.js'
/** The data as it is in the sources. */
const BINARY = './kinds.bin'

let weights: Weights | undefined
let hasLooked = false
let pending: Promise<void> | undefined

/** The network, if it is there by now. Says once through `diag` why it never will be. */
export function loadNetwork(): Weights | undefined {
  if (!hasLooked) {
    hasLooked = true
    const bytes = readFile()
    if (bytes === undefined) pending = importModule()
    else accept(bytes)
  }
  return weights
}

/** Settles when the network is there, or never will be. */
export async function networkLoaded(): Promise<void> {
  loadNetwork()
  await pending
}

function accept(bytes: Uint8Array): void {
  try {
    weights = readWeights(bytes)
  } catch (error) {
    refuse(error)
  }
}

function refuse(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  warn(
    `otel-reasoning: rules label the kinds of steps, since the classifier's data failed: ${reason}`,
  )
}

function readFile(): Uint8Array | undefined {
  try {
    // Not written as one expression, which bundlers take for a file that they should copy.
    const here = import.meta.url
    const fs = process.getBuiltinModule('node:fs')
    const modulePath = new URL(MODULE, here)
    if (!fs.existsSync(modulePath)) return fs.readFileSync(new URL(BINARY, here))
    const source = fs.readFileSync(modulePath, 'latin1')
    return decode(source.slice(source.indexOf('`') + 1, source.lastIndexOf('`')))
  } catch {
    return undefined
  }
}

async function importModule(): Promise<void> {
  try {
    const {data} = await import('./kinds-data.js')
    accept(decode(data))
  } catch (error) {
    refuse(error)
  }
}

function decode(base64: string): Uint8Array {
  if (typeof Buffer === 'function') return Buffer.from(base64, 'base64')
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i)
  return bytes
}
