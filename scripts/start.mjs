// @ts-check
/**
 * `npm start`: from a fresh clone to the reasoning tree of the refund agent. Installs and builds
 * what is missing or stale, runs the example, and says what to do next. It must load with nothing
 * installed, so it imports nothing but Node, its neighbour and one file of the example.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync, readdirSync, realpathSync, statSync} from 'node:fs'
import {join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import {answeringTracesUrl, tracesUrl} from '../examples/refund-agent/collector.js'
import {ensureInstalled, root} from './install.mjs'

const TRACES = 'traces.jsonl'

/**
 * Why this Node will not do. Understands the `^` and `>=` of `engines.node`.
 *
 * @param {string} version
 * @param {string} range
 * @returns {string | undefined}
 */
export function nodeProblem(version, range) {
  const have = version.replace(/^v/, '').split('.').map(Number)
  const fits = range.split('||').some((alternative) => {
    const [, operator, numbers = ''] = /^\s*(\^|>=)\s*([\d.]+)\s*$/.exec(alternative) ?? []
    const want = numbers.split('.').map(Number)
    if (operator === undefined || (operator === '^' && have[0] !== want[0])) return false
    const different = want.findIndex((number, index) => number !== have[index])
    return different < 0 || (have[different] ?? 0) > (want[different] ?? 0)
  })
  return fits ? undefined : `expected Node ${range}, got ${version}`
}

/**
 * Why `npm run build` is needed: nothing is built, or a source (or a folder, when a file went) is
 * younger than the build.
 *
 * @param {string} folder of a `package.json`
 * @returns {string | undefined}
 */
export function buildProblem(folder) {
  const stamp = join(folder, 'dist', '.built')
  if (!existsSync(stamp)) return 'nothing is built yet'
  const built = statSync(stamp).mtimeMs
  const source = join(folder, 'src')
  const younger = [source, ...below(source), join(folder, 'package.json')].find(
    (path) => statSync(path).mtimeMs > built,
  )
  return younger && `${relative(folder, younger)} has changed`
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function below(folder) {
  return readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? [path, ...below(path)] : [path]
  })
}

/** @typedef {{id: string, name: string}} Run */

/**
 * The runs of the agent in a file of OTLP JSON lines, in the order in which they began.
 *
 * @param {string} file
 * @returns {Run[]}
 */
export function runsIn(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line).resourceSpans)
    .flatMap((resource) => resource.scopeSpans)
    .flatMap((scope) => scope.spans)
    .filter((span) => !span.parentSpanId)
    .sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1))
    .map(({traceId, name, attributes}) => {
      const conversation = attributes.find(
        (/** @type {{key: string}} */ {key}) => key === 'gen_ai.conversation.id',
      )
      return {id: traceId, name: conversation?.value.stringValue ?? name}
    })
}

/**
 * What to do next, as lines.
 *
 * @param {object} state
 * @param {readonly Run[]} state.runs
 * @param {string | undefined} [state.collector] the address that took the spans
 * @param {string | undefined} [state.ui] the address of a Jaeger that answered
 * @param {string | undefined} [state.silent] what `silentEndpoint` says
 */
export function nextSteps({runs, collector, ui, silent}) {
  const steps = []
  if (ui) {
    steps.push('Open in Jaeger:')
    for (const {name, id} of runs) steps.push(`  ${name.padEnd(17)} ${ui}/trace/${id}`)
  } else if (collector) {
    steps.push(`Open the traces of service refund-agent in the backend behind ${collector}`)
  } else {
    steps.push(
      ...(silent ? [silent] : []),
      'To see this in Jaeger, start one and run npm start again:',
      '  docker run --rm -p 16686:16686 -p 4318:4318 jaegertracing/jaeger',
    )
  }
  steps.push(
    'Read what the model wrote, step by step:',
    `  npx otel-reasoning show --text ${TRACES}`,
    'See what is recognised in traces of your own, and why:',
    '  npx otel-reasoning doctor FILE',
  )
  return steps
}

/**
 * What to say where the environment names a collector and none takes spans there.
 *
 * @param {Record<string, string | undefined>} env
 * @returns {string | undefined}
 */
export function silentEndpoint(env) {
  const name = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].find(
    (key) => env[key],
  )
  return (
    name &&
    `${name} is set, but nothing took the spans at ${tracesUrl(env)}: they are in ${TRACES} only.`
  )
}

/**
 * Jaeger's UI beside the collector, if one is there.
 *
 * @param {string} collector
 */
async function jaegerUi(collector) {
  const ui = `http://${new URL(collector).hostname}:16686`
  try {
    const response = await fetch(ui, {signal: AbortSignal.timeout(500)})
    return response.ok ? ui : undefined
  } catch {
    return undefined
  }
}

async function main() {
  process.chdir(root)
  const {engines} = JSON.parse(readFileSync('package.json', 'utf8'))
  const wrongNode = nodeProblem(process.version, engines.node)
  if (wrongNode) throw new Error(wrongNode)
  ensureInstalled()
  const wrongBuild = buildProblem(root)
  if (wrongBuild) {
    console.log(`building dist/: ${wrongBuild}`)
    run('scripts/build.mjs')
  }
  run('examples/refund-agent/run.js', TRACES)

  const collector = await answeringTracesUrl()
  const ui = collector && (await jaegerUi(collector))
  const silent = collector ? undefined : silentEndpoint(process.env)
  console.log(`\n${nextSteps({runs: runsIn(TRACES), collector, ui, silent}).join('\n')}`)
}

/** @param {string} script @param {readonly string[]} args */
function run(script, ...args) {
  const {status} = spawnSync(process.execPath, [script, ...args], {stdio: 'inherit'})
  if (status !== 0) throw new Error(`${script} failed`)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main()
  } catch (error) {
    console.error(`npm start: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
