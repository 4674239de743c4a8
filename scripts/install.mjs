// @ts-check
/**
 * What a fresh clone lacks: the dependencies of the repository, of `test/sdk3` and of `test/clients`. Every npm
 * script that needs them calls this first, so that `npm test` works with nothing done before.
 * Imports nothing but Node, since nothing else may be there yet.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The Node 24 of the dev dependencies. */
export const node24 = join(root, 'node_modules/.bin/node')

/**
 * The Node that runs npm: inside an npm script `node` is the one of the dev dependencies, and that one
 * would hide what breaks on the machine's own.
 */
export const systemNode = process.env['npm_node_execpath'] ?? process.execPath

/** @param {string} path of a lockfile */
function packagesOf(path) {
  /** @type {Record<string, {version?: string, optional?: boolean, devOptional?: boolean}>} */
  const packages = JSON.parse(readFileSync(path, 'utf8')).packages
  return packages
}

/**
 * Whether `node_modules` holds what the lockfile says. Compared by content: whoever ran `npm ci` or
 * `npm install` by hand left no mark of ours.
 *
 * @param {string} folder
 */
export function isInstalled(folder) {
  const installedLock = join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(installedLock)) return false
  const installed = packagesOf(installedLock)
  return Object.entries(packagesOf(join(folder, 'package-lock.json'))).every(
    ([path, {version, optional, devOptional}]) =>
      path === '' ||
      installed[path]?.version === version ||
      // Builds for other platforms are in the lockfile and never on the disk.
      ((optional ?? devOptional) === true && installed[path] === undefined),
  )
}

/** @param {string} folder */
function npmCi(folder) {
  const {npm_execpath: npm, npm_config_local_prefix: _, ...env} = process.env
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  // By the machine's Node and not by `node_modules/.bin/node`, which `npm ci` is about to delete.
  const [command, ...rest] = npm ? [systemNode, npm, ...args] : ['npm', ...args]
  return spawnSync(command, rest, {cwd: folder, env, stdio: 'inherit'}).status === 0
}

/**
 * Installs what is missing or stale; one retry, since a registry may fail once.
 *
 * @param {string} [folder] of a `package.json`; the repository where left out
 * @throws Error when npm failed twice
 */
export function ensureInstalled(folder = root) {
  if (isInstalled(folder)) return
  console.log(`installing the dependencies of ${folder}`)
  if (npmCi(folder) || npmCi(folder)) return
  throw new Error(`npm ci failed twice in ${folder}`)
}

/** The repository, `test/sdk3` (the 3.x set) and `test/clients` (clients and others' instrumentations). */
export function ensureAllInstalled() {
  ensureInstalled()
  ensureInstalled(join(root, 'test/sdk3'))
  ensureInstalled(join(root, 'test/clients'))
}
