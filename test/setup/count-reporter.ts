/**
 * Writes what ran to the file named by `TEST_COUNTS`, where `scripts/test.mjs` sums the runs, and prints why a test was skipped, which the default reporter keeps to itself.
 */
import {writeFileSync} from 'node:fs'
import type {Reporter, SerializedError, TestModule} from 'vitest/node'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts: Counts = {passed: 0, failed: unhandled.length, skipped: 0}
    const reasons = new Map<string, number>()
    for (const module of modules) {
      // A file that could not be loaded has no tests to fail.
      counts.failed += module.errors().length
      // A failed `beforeAll` leaves its tests skipped; the failure is the suite's.
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'pending') continue
        counts[result.state] += 1
        if (result.state !== 'skipped') continue
        const reason = result.note ?? `no reason given: ${module.relativeModuleId} ${test.fullName}`
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`)
    const file = process.env['TEST_COUNTS']
    if (file) writeFileSync(file, JSON.stringify(counts))
  }
}
