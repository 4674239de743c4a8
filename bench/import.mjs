// @ts-check
/** What importing the main entry costs a program that has the SDK loaded: fresh processes, in turn. */
import {execFileSync} from 'node:child_process'
import {median} from './measure.mjs'

const PROBE = (/** @type {string} */ module) => `
  await import('@opentelemetry/sdk-trace-base')
  globalThis.gc()
  const rss = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  await import(${JSON.stringify(module)})
  const used = process.cpuUsage(cpu)
  globalThis.gc()
  console.log(JSON.stringify({
    millis: (used.user + used.system) / 1000,
    mebibytes: (process.memoryUsage.rss() - rss) / 1048576,
  }))
`

/** @param {string} module @returns {{millis: number, mebibytes: number}} */
const probe = (module) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--expose-gc', '--input-type=module', '--eval', PROBE(module)],
      {encoding: 'utf8'},
    ),
  )

/** @returns {import('./measure.mjs').Result[]} */
export function measureImport() {
  /** @type {{millis: number, mebibytes: number}[]} */
  const ours = []
  /** @type {{millis: number, mebibytes: number}[]} */
  const nothing = []
  for (let round = 0; round < 9; round += 1) {
    ours.push(probe('otel-reasoning'))
    // An empty module: what a dynamic import costs in itself.
    nothing.push(probe('data:text/javascript,'))
  }
  const millis = median(ours.map((run, i) => run.millis - (nothing[i]?.millis ?? 0)))
  const mebibytes = median(ours.map((run, i) => run.mebibytes - (nothing[i]?.mebibytes ?? 0)))
  return [
    {
      what: 'import over a loaded SDK, CPU',
      figure: `${millis.toFixed(1)} ms`,
      bar: '5 ms',
      met: millis <= 5,
    },
    {
      what: 'import over a loaded SDK, memory',
      figure: `${mebibytes.toFixed(2)} MiB`,
      bar: '1 MiB',
      met: mebibytes <= 1,
    },
  ]
}
