// @ts-check
/**
 * `npm run check`: types, lint, format, dead code, the package as it would be published, the public
 * surface and the generated page. Everything runs, one line each; what failed shows its output.
 *
 * `--update` rewrites the API snapshot and the generated page instead of comparing them.
 * With `CI_COUNTS` set, the totals are appended to that file as one JSON line.
 */
import {spawnSync} from 'node:child_process'
import {appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'
import {ensureAllInstalled, root} from './install.mjs'

process.chdir(root)
ensureAllInstalled()
const {apiSnapshot} = await import('./api.mjs')
const {attributesPage, metricsPage} = await import('./docs.mjs')

const isUpdate = process.argv.includes('--update')
const scratch = mkdtempSync(join(tmpdir(), 'otel-reasoning-check-'))

/** A check answers with what is wrong; nothing means that it passed. @typedef {string | undefined} Complaint */

/** @param {string} command in `node_modules/.bin` or on the path @param {readonly string[]} args @returns {Complaint} */
function run(command, ...args) {
  const local = `node_modules/.bin/${command}`
  const result = spawnSync(existsSync(local) ? local : command, args, {
    encoding: 'utf8',
    env: {...process.env, NO_COLOR: '1'},
  })
  if (result.status === 0) return undefined
  return [result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n')
}

/** @param {string} path @param {string} wanted @returns {Complaint} */
function compare(path, wanted) {
  if (isUpdate) writeFileSync(path, wanted)
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) return undefined
  const fresh = join(scratch, 'wanted')
  writeFileSync(fresh, wanted)
  return `${run('diff', '-u', path, fresh)}\nIf this is meant: npm run check -- --update`
}

/** Paths of one machine and addresses of package hosts have no place in a public repository. @returns {Complaint} */
function strayPaths() {
  // Put together here, so that this file does not name what it looks for.
  const patterns = [
    ...['work', 'farm'].map((folder) => `/${folder}/`),
    ...['registry\\.npmjs', 'proxy\\.golang', 'repo1?\\.maven'].map((host) => `${host}\\.org`),
    'pypi\\.org/simple',
  ]
  const grep = spawnSync('git', ['grep', '-nIE', '--untracked', patterns.join('|'), '--', '.'], {
    encoding: 'utf8',
  })
  return grep.status === 1 ? undefined : grep.stdout.slice(0, 4000) + grep.stderr
}

/** The tarball that `npm publish` would send. */
function pack() {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch]
  const {stdout} = spawnSync('npm', args, {encoding: 'utf8'})
  return join(scratch, JSON.parse(stdout)[0].filename)
}

/** @type {[name: string, check: () => Complaint | Promise<Complaint>][]} */
const checks = [
  ['build', () => run(process.execPath, 'scripts/build.mjs')],
  ['types', () => run('tsc', '-p', '.')],
  ['lint', () => run('oxlint', '--format=unix')],
  ['format', () => run('oxfmt', '--check')],
  ['dead code', () => run('knip')],
  ['package: publint', () => run('publint', 'run', pack(), '--strict')],
  ['package: types', () => run('attw', pack(), '--profile', 'esm-only', '--no-emoji')],
  ['API snapshot', () => compare('test/package/api.snapshot.txt', apiSnapshot())],
  ['docs/attributes.md', async () => compare('docs/attributes.md', await attributesPage())],
  ['docs/metrics.md', async () => compare('docs/metrics.md', await metricsPage())],
  [
    'docs/tree.svg',
    // The picture shows what the rules say today, so it goes stale with them.
    () => run('node', 'scripts/readme-picture.mjs', ...(isUpdate ? [] : ['--check'])),
  ],
  ['no machine paths or package hosts', strayPaths],
]

const counts = {passed: 0, failed: 0, skipped: 0}
for (const [name, check] of checks) {
  const started = performance.now()
  /** @type {Complaint} */
  let complaint
  try {
    complaint = await check()
  } catch (error) {
    complaint = error instanceof Error ? error.message : String(error)
  }
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`
  counts[complaint === undefined ? 'passed' : 'failed'] += 1
  console.log(complaint === undefined ? `ok      ${name} (${took})` : `FAILED  ${name} (${took})`)
  if (complaint !== undefined)
    console.log(stripVTControlCharacters(complaint).trim().replace(/^/gm, '        '))
}
rmSync(scratch, {recursive: true, force: true})

console.log(`${counts.passed} of ${checks.length} checks passed`)
if (process.env['CI_COUNTS']) {
  appendFileSync(process.env['CI_COUNTS'], `${JSON.stringify(counts)}\n`)
}
if (counts.failed > 0) process.exitCode = 1
