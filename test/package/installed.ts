/**
 * The package as a user has it: packed by npm, unpacked into a folder of its own, its dependencies
 * beside it by symbolic links. Nothing is fetched.
 */
import {execFileSync} from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'

/** The folder of the checkout whose `node_modules` stand in for what the user installed. */
const sets = {sdk2: '.', sdk3: 'test/sdk3'}

let tarball: Buffer | undefined

/** Packed once; what a user's `npm install` would download. */
function packed(): Buffer {
  if (tarball !== undefined) return tarball
  const folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-packed-'))
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  tarball = readFileSync(join(folder, execFileSync('npm', args, {encoding: 'utf8'}).trim()))
  rmSync(folder, {recursive: true})
  return tarball
}

export interface Project {
  /** A folder whose `node_modules` holds the package. */
  folder: string
  remove: () => void
}

/**
 * @param dependencies names to link, each a package or a whole scope; everything, where left out
 */
export function installPackage(set: keyof typeof sets, dependencies?: readonly string[]): Project {
  const folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-installed-'))
  const modules = join(folder, 'node_modules')
  const installed = resolve(sets[set], 'node_modules')
  mkdirSync(modules)
  for (const name of dependencies ?? readdirSync(installed)) {
    if (name.startsWith('.')) continue
    mkdirSync(join(modules, name, '..'), {recursive: true})
    symlinkSync(join(installed, name), join(modules, name))
  }
  execFileSync('tar', ['-xz', '-C', folder], {input: packed()})
  renameSync(join(folder, 'package'), join(modules, 'otel-reasoning'))
  mkdirSync(join(modules, '.bin'))
  symlinkSync('../otel-reasoning/dist/cli.js', join(modules, '.bin/otel-reasoning'))
  return {folder, remove: () => rmSync(folder, {recursive: true, force: true})}
}
