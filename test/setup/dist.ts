/**
 * Before the first test: `dist/` is what `src/` says, since tests of the command line and of the
 * package run the built files. `npm test` has built it already; this is for a bare `vitest`.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync, statSync} from 'node:fs'

export default function buildWhenStale(): void {
  if (process.env['TEST_COUNTS'] !== undefined) return
  const built = existsSync('dist/.built') ? statSync('dist/.built').mtimeMs : 0
  const newest = Math.max(
    ...readdirSync('src', {recursive: true, encoding: 'utf8'}).map(
      (file) => statSync(`src/${file}`).mtimeMs,
    ),
  )
  if (newest <= built) return
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], {encoding: 'utf8'})
  // Tests that do not need dist may still run; those that do fail on their own.
  if (build.status !== 0) console.warn(`dist is stale: ${build.stderr}`)
}
