#!/usr/bin/env node
/** The `otel-reasoning` command. */
import {main} from './cli/index.ts'

// `otel-reasoning … | head` closes the pipe while we write: that is an end, not a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

main(process.argv.slice(2), process).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(
      `otel-reasoning: ${error instanceof Error ? error.stack : String(error)}\n`,
    )
    process.exitCode = 2
  },
)
