// @ts-check
/**
 * `npm run build`: every entry bundled into one readable ESM file (45 small modules take 15 ms to
 * import, one file 2), declarations beside it by `tsc`.
 */
import {spawnSync} from 'node:child_process'
import {chmodSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {entries} from './entries.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const started = performance.now()
/** @type {string[]} */
const failures = []

// Built beside `dist` and moved over it, so that nobody sees half a build or yesterday's leftovers.
const folder = `.dist-${process.pid}`

/**
 * @param {string} path
 * @param {readonly string[]} allowed
 */
function isAllowed(path, allowed) {
  return allowed.some((name) =>
    name === 'node:' ? path.startsWith(name) : path === name || path.startsWith(`${name}/`),
  )
}

const NETWORK_DATA = './kinds-data.js'

/** @param {import('./entries.mjs').Entry} entry */
async function bundle({name, source, subpath, imports}) {
  const outfile = `${folder}/${name}.js`
  const isCommand = subpath === null
  const hasShebang = readFileSync(source, 'utf8').startsWith('#!')
  const {metafile} = await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'node20.19',
    packages: 'external',
    // The network's data is a module beside the bundle, imported where there are no files to read.
    external: ['node:*', NETWORK_DATA],
    sourcemap: true,
    metafile: true,
    logLevel: 'silent',
    ...(isCommand && !hasShebang && {banner: {js: '#!/usr/bin/env node'}}),
  })
  if (isCommand) chmodSync(outfile, 0o755)
  for (const {path} of Object.values(metafile.outputs).flatMap((output) => output.imports)) {
    if (path === NETWORK_DATA || isAllowed(path, imports)) continue
    failures.push(`${source} reaches ${path}; allowed: ${imports.join(', ') || 'nothing'}`)
  }
}

try {
  for (const entry of entries) {
    await bundle(entry).catch((error) => failures.push(`${entry.source}: ${error.message}`))
  }
  const tsc = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', folder],
    {encoding: 'utf8'},
  )
  if (tsc.status !== 0) failures.push(tsc.stdout + tsc.stderr)

  if (failures.length === 0) {
    const network = readFileSync('src/analysis/network/kinds.bin').toString('base64')
    writeFileSync(`${folder}/kinds-data.js`, `export const data = \`${network}\`\n`)
    writeFileSync(`${folder}/.built`, '')
    rmSync('dist', {recursive: true, force: true})
    renameSync(folder, 'dist')
    console.log(`dist/ built in ${Math.round(performance.now() - started)} ms`)
  } else {
    console.error(failures.join('\n'))
    process.exitCode = 1
  }
} finally {
  rmSync(folder, {recursive: true, force: true})
}
