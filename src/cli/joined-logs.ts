/** What log events told of calls, by the call they belong to. */
import {captureLogRecord} from '../capture/log.ts'
import type {Contribution} from '../hub.ts'
import type {OtlpLog} from '../otlp/log-json.ts'

/** Gathers the reasoning of log events under `traceId:spanId`. */
export class JoinedLogs {
  readonly contributions = new Map<string, Contribution[]>()

  /** Records that are about no call of a model are passed over. */
  add(logs: readonly OtlpLog[]): void {
    for (const log of logs) {
      if (log.traceId === '' || log.spanId === '') continue
      const call = captureLogRecord(log)
      if (call === undefined) continue
      const key = `${log.traceId}:${log.spanId}`
      const known = this.contributions.get(key)
      const contribution: Contribution = {origin: 'log', call}
      if (known === undefined) this.contributions.set(key, [contribution])
      else known.push(contribution)
    }
  }
}
