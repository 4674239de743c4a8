/**
 * The refund agent, three times: `node examples/refund-agent/run.js [FILE]`. Writes the spans to
 * FILE (`traces.jsonl`), sends them to a collector if one answers, and prints the tree.
 */
import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {DiagConsoleLogger, DiagLogLevel, diag} from '@opentelemetry/api'
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
import {answeringTracesUrl} from './collector.js'
import {JsonLinesExporter} from './json-lines-exporter.js'
import {playCases} from './play.js'
import {startTelemetry} from './telemetry.js'

const file = process.argv[2] ?? 'traces.jsonl'
// Otherwise a collector that refuses our spans would do so in silence.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR)

const collector = await answeringTracesUrl()
const telemetry = startTelemetry({
  exporters: [new JsonLinesExporter(file), ...(collector ? [new OTLPTraceExporter()] : [])],
})
try {
  await playCases({onDone: printRun})
} finally {
  await telemetry.shutdown()
}

console.log()
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const {status} = spawnSync(process.execPath, [cli, 'show', file], {stdio: 'inherit'})
console.log(`\nwritten to ${file}${collector ? `, sent to ${collector}` : ''}`)
process.exitCode = status ?? 1

function printRun({title, lookFor, seconds, answer}) {
  const start = `${title.padEnd(20)} ${seconds.toFixed(1)} s  `
  const room = (process.stdout.columns || 100) - start.length
  const shown = answer.length > room ? `${answer.slice(0, room - 1)}…` : answer
  console.log(start + shown)
  console.log(`  look for: ${lookFor}`)
}
