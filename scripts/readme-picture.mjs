// @ts-check
/**
 * `node scripts/readme-picture.mjs`: draws the picture of the README, `docs/tree.svg`: what
 * `otel-reasoning demo` prints of its first run. `--check` writes nothing and exits 1 where the
 * picture is not what would be drawn. Needs a Node that runs TypeScript.
 */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {demoRuns} from '../src/cli/demo-traces.ts'
import {treeToSvg} from '../src/cli/svg.ts'

const WIDTH = 110
const file = fileURLToPath(new URL('../docs/tree.svg', import.meta.url))

const picture = treeToSvg(demoRuns()[0]?.spans ?? [], {
  width: WIDTH,
  caption: 'Terminal output of: npx otel-reasoning demo',
})

if (!process.argv.includes('--check')) {
  mkdirSync(new URL('../docs/', import.meta.url), {recursive: true})
  writeFileSync(file, picture)
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== picture) {
  console.error('docs/tree.svg is stale: run node scripts/readme-picture.mjs')
  process.exitCode = 1
}
