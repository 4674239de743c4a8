// @ts-check
/**
 * How things are measured here: CPU time of the whole process, candidates in turn within one run,
 * the median of the rounds. Only ratios and differences inside one run mean anything.
 */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Operations in a row. */
const RUN_LENGTH = 100
/** Rounds that are not counted: a service that runs for a minute runs compiled code. */
const WARM_UPS = 6

const collect = () => {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc: `npm run bench`')
  globalThis.gc()
}

/**
 * Runs candidates in turn, in short runs with `settle` between them, which is not counted: what
 * waits in a queue would otherwise fill the heap and measure the collector. `finish`, which is
 * counted, waits for work that is done in later turns.
 *
 * @template {string} Name
 * @param {Record<Name, {run: () => void, finish?: () => Promise<void>, settle: () => Promise<void>}>} candidates `run` is one operation
 * @param {{rounds?: number, operations: number}} options
 * @returns {Promise<Record<Name, {micros: number, heapBytes: number, rounds: number[]}>>} figures an operation
 */
export async function measure(candidates, {rounds = 9, operations}) {
  const names = /** @type {Name[]} */ (Object.keys(candidates))
  const times = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  const heaps = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  /** @param {Name} name @param {number} count @returns {Promise<number>} µs of CPU */
  const runMany = async (name, count) => {
    const {run, finish, settle} = candidates[name]
    let micros = 0
    for (let done = 0; done < count; done += RUN_LENGTH) {
      const cpu = process.cpuUsage()
      for (let i = 0; i < RUN_LENGTH; i += 1) run()
      if (finish !== undefined) await finish()
      const used = process.cpuUsage(cpu)
      micros += used.user + used.system
      await settle()
    }
    return micros / count
  }
  // In turn, too: the compiler then sees both candidates before it decides.
  for (let i = 0; i < WARM_UPS; i += 1) for (const name of names) await runMany(name, operations)
  for (let round = 0; round < rounds; round += 1) {
    // The order turns, so that no candidate always follows the same one.
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = /** @type {Name} */ (names[(turn + round) % names.length])
      collect()
      times.get(name)?.push(await runMany(name, operations))
      collect()
      // Few enough that nothing is collected in between: then growth is what was allocated.
      const before = process.memoryUsage().heapUsed
      for (let i = 0; i < RUN_LENGTH; i += 1) candidates[name].run()
      await candidates[name].finish?.()
      heaps.get(name)?.push((process.memoryUsage().heapUsed - before) / RUN_LENGTH)
      await candidates[name].settle()
    }
  }
  return /** @type {Record<Name, {micros: number, heapBytes: number, rounds: number[]}>} */ (
    Object.fromEntries(
      names.map((name) => [
        name,
        {
          micros: median(times.get(name) ?? []),
          heapBytes: median(heaps.get(name) ?? []),
          rounds: times.get(name) ?? [],
        },
      ]),
    )
  )
}

/**
 * @typedef {object} Result
 * @property {string} what
 * @property {string} figure
 * @property {string} bar
 * @property {boolean} met
 * @property {string} [beside] what it was measured beside
 */
