// @ts-check
/**
 * `npm run bench [-- NAME…]`: every measurement, or the named ones (`processor`, `long-call`,
 * `loop-delay`, `import`). Prints one table; exits 0 whether or not the bars are met, since a busy
 * machine is no fault of the code.
 */
import {measureFetch} from './fetch.mjs'
import {measureImport} from './import.mjs'
import {measureLongCall} from './long-call.mjs'
import {measureLoopDelay} from './loop-delay.mjs'
import {measureProcessor} from './processor.mjs'

const MEASUREMENTS = {
  processor: measureProcessor,
  'long-call': measureLongCall,
  'loop-delay': measureLoopDelay,
  fetch: measureFetch,
  import: measureImport,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in MEASUREMENTS))
if (unknown !== undefined) {
  console.error(`no measurement \`${unknown}\`; there are ${Object.keys(MEASUREMENTS).join(', ')}`)
  process.exit(2)
}

console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}\n`)
console.log('| what | measured | bar | | beside |\n|---|---|---|---|---|')
for (const [name, run] of Object.entries(MEASUREMENTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const {what, figure, bar, met, beside = ''} of await run()) {
    console.log(`| ${what} | ${figure} | ${bar} | ${met ? 'met' : 'MISSED'} | ${beside} |`)
  }
}
