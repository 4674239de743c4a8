/** The three runs of the refund agent, recorded before any expansion, and expanded here. */
import {type OtlpRequest, readRequest} from '../otlp/request.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {DEMO_CHECKS} from './demo-checks.ts'
import recorded from './demo-spans.json' with {type: 'json'}
import {JoinedLogs} from './joined-logs.ts'
import {type SpanGroup, TraceExpander} from './trace-expander.ts'

/** One run: the request as it was recorded, and what became of each of its spans. */
export interface DemoRun {
  /** `right-branch`, `wrong-branch` or `missed-condition`. */
  name: string
  request: OtlpRequest
  groups: SpanGroup[]
  /** All spans of it as they leave. */
  spans: ReadableSpanLike[]
}

const nameOf = (spans: readonly ReadableSpanLike[]): string => {
  for (const {attributes} of spans) {
    const name = attributes['gen_ai.conversation.id']
    if (typeof name === 'string') return name
  }
  return ''
}

/** Expands the runs, in the order in which they were recorded: right branch, wrong branch, missed condition. */
export const demoRuns = (): DemoRun[] => {
  const requests = (recorded as unknown[]).flatMap((value) => readRequest(value) ?? [])
  const logs = new JoinedLogs()
  for (const request of requests) logs.add(request.logs)
  const expander = new TraceExpander(logs.contributions, {content: 'keep', checks: DEMO_CHECKS})
  for (const request of requests) expander.add(request.spans)
  return requests
    .filter(({spans}) => spans.length > 0)
    .map((request) => {
      const groups = request.spans.map((span) => expander.take(span))
      const spans = groups.flat()
      return {name: nameOf(spans), request, groups, spans}
    })
}
