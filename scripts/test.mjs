// @ts-check
/**
 * `npm test [-- FILES AND VITEST OPTIONS]`: sets up what is missing, then runs the suite on the
 * machine's Node with SDK 2.x, and the files that take their SDK from `test/setup/sdk.ts` once more on
 * Node 24 with SDK 3.x.
 *
 * `--sdk=2` or `--sdk=3`: only that run. `--long`: soaks and long fuzzing instead of the suite.
 * With `CI_COUNTS` set, the totals are appended to that file as one JSON line.
 */
import {spawnSync} from 'node:child_process'
import {appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ensureAllInstalled, node24, root, systemNode} from './install.mjs'

process.chdir(root)

/** @typedef {{passed: number, failed: number, skipped: number}} Counts */
/** @typedef {{node: string, version: string, sdk: '2' | '3'}} Run */

const ownArguments = new Set(['--long', '--sdk=2', '--sdk=3'])
const isLong = process.argv.includes('--long')
const onlySdk = process.argv.find((argument) => argument.startsWith('--sdk='))?.slice(-1)
const vitestArguments = process.argv.slice(2).filter((argument) => !ownArguments.has(argument))

/** @param {string} node */
function versionOf(node) {
  if (!existsSync(node)) return '0.0.0'
  return spawnSync(node, ['-p', 'process.versions.node'], {encoding: 'utf8'}).stdout.trim()
}

/** @param {string} version @param {string} minimum */
const atLeast = (version, minimum) => version.localeCompare(minimum, 'en', {numeric: true}) >= 0

/** As `engines` in `package.json`. @param {string} version */
const isSupported = (version) =>
  version.startsWith('20.') ? atLeast(version, '20.19.0') : atLeast(version, '22.12.0')

/** @returns {Run[]} */
function plan() {
  const own = {node: systemNode, version: versionOf(systemNode)}
  const newest = {node: node24, version: versionOf(node24)}
  const runs = /** @type {Run[]} */ ([
    {...(isSupported(own.version) && !isLong ? own : newest), sdk: '2'},
    // A platform for which the package `node` has no binary is left with its own Node.
    {...(newest.version === '0.0.0' ? own : newest), sdk: '3'},
  ])
  return runs.filter(({sdk}) => (onlySdk ? sdk === onlySdk : sdk === '2' || !isLong))
}

/** A backend that is not cached is built here, where its output is seen; tests that lack it say why. */
function buildBackends() {
  const builder = 'test/backends/build.ts'
  if (vitestArguments.length > 0 || isLong || !existsSync(builder)) return
  spawnSync(node24, [builder], {stdio: 'inherit'})
}

/**
 * @param {Run} run
 * @param {string} countsFile
 * @returns {Counts & {label: string}}
 */
function execute({node, version, sdk}, countsFile) {
  const label = `Node ${version}, SDK ${sdk}.x`
  if (sdk === '3' && !atLeast(version, '22.15.0')) {
    return {label: `${label} (needs Node 22.15)`, passed: 0, failed: 0, skipped: 1}
  }
  console.log(`\n── ${label}`)
  const started = performance.now()
  const {status} = spawnSync(
    node,
    ['node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests', ...vitestArguments],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        OTEL_SDK: sdk,
        TEST_COUNTS: countsFile,
        ...(isLong && {TEST_LONG: '1'}),
      },
    },
  )
  /** @type {Counts} */
  const counts = existsSync(countsFile)
    ? JSON.parse(readFileSync(countsFile, 'utf8'))
    : {passed: 0, failed: 0, skipped: 0}
  // A run that ended badly without a failed test (a crash, a wrong option) is a failure all the same.
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  const seconds = Math.round((performance.now() - started) / 1000)
  return {label: `${label} (${seconds} s)`, ...counts}
}

const scratch = mkdtempSync(join(tmpdir(), 'otel-reasoning-test-'))
/** @type {(Counts & {label: string})[]} */
const results = []
try {
  ensureAllInstalled()
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], {stdio: 'inherit'})
  if (build.status !== 0) results.push({label: 'build', passed: 0, failed: 1, skipped: 0})
  buildBackends()
  for (const run of plan()) results.push(execute(run, join(scratch, `sdk${run.sdk}.json`)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  results.push({label: 'set-up', passed: 0, failed: 1, skipped: 0})
} finally {
  rmSync(scratch, {recursive: true, force: true})
}

const total = {passed: 0, failed: 0, skipped: 0}
console.log('\n── summary')
for (const {label, passed, failed, skipped} of results) {
  console.log(`${label}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}
if (process.env['CI_COUNTS']) {
  appendFileSync(process.env['CI_COUNTS'], `${JSON.stringify(total)}\n`)
}
if (total.passed + total.failed === 0 && !vitestArguments.some((each) => each.startsWith('-'))) {
  console.error('No test ran.')
  process.exitCode = 1
}
if (total.failed > 0) process.exitCode = 1
