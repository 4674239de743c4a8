import {readFileSync} from 'node:fs'
import {gzipSync} from 'node:zlib'
import {ProtobufTraceSerializer} from '@opentelemetry/otlp-transformer'
import {expect, test} from 'vitest'
import {demoRuns} from '../../src/cli/demo-traces.ts'
import {expandSpan} from '../../src/expand.ts'
import type {ExpandOptions} from '../../src/options.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {isReasoningSpan} from '../../src/spans/reasoning-span.ts'
import {playRun} from './refund-agent.ts'
import {traceAgent} from './traced-agent.ts'

const CALLS = 9

interface Cost {
  spans: number
  kilobytes: number
  gzipped: number
}

const per1000 = (amount: number): number => Math.round((amount / CALLS) * 1_000)

function costOf(spans: readonly ReadableSpanLike[]): Cost {
  const bytes = ProtobufTraceSerializer.serializeRequest(spans as never) ?? new Uint8Array()
  return {
    spans: per1000(spans.length),
    kilobytes: per1000(bytes.length / 1_000),
    gzipped: per1000(gzipSync(bytes).length / 1_000),
  }
}

/** The nine calls of the refund agent, as an instrumentation writes them on spans. */
async function plainCalls(): Promise<ReadableSpanLike[]> {
  const spans: ReadableSpanLike[] = []
  const agent = traceAgent('http://127.0.0.1:9', {options: {content: 'keep'}})
  agent.exporter.export = (some, done) => {
    spans.push(...some)
    done({code: 0})
  }
  for (const run of ['right-branch', 'wrong-branch', 'missed-condition'] as const) {
    playRun(agent.tracer, {run})
  }
  await agent.flush()
  return spans
}

const docs = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')

/** The row of the table of costs that begins so. */
function documented(row: string): Cost {
  const line = docs.split('\n').find((each) => each.startsWith(`| ${row}`)) ?? ''
  const [spans, kilobytes, gzipped] = line
    .split('|')
    .slice(2, 5)
    .map((cell) => Number(cell.replaceAll(/[^\d.]/g, '')))
  return {spans: spans ?? 0, kilobytes: kilobytes ?? 0, gzipped: gzipped ?? 0}
}

/** Within a fifth: analysis and texts change, the order of size must not. */
function expectNear(row: string, measured: Cost): void {
  console.log(`${row}: ${JSON.stringify(measured)} per 1,000 calls`)
  for (const key of ['spans', 'kilobytes', 'gzipped'] as const) {
    const ratio = documented(row)[key] / measured[key]
    expect(ratio, `${row}, ${key}`).toBeGreaterThan(0.8)
    expect(ratio, `${row}, ${key}`).toBeLessThan(1.25)
  }
}

test('what docs/observability.md says of the cost of 1,000 calls is what is measured', async () => {
  const all = await plainCalls()
  const plain = all.filter((span) => !isReasoningSpan(span))
  const withOptions = (options: ExpandOptions): ReadableSpanLike[] =>
    plain.flatMap((span) => {
      const {'reasoning.block.count': _, ...attributes} = span.attributes
      const bare = Object.create(span, {attributes: {value: attributes}}) as ReadableSpanLike
      return expandSpan(bare, undefined, options).filter(isReasoningSpan)
    })
  expectNear('the agent’s own spans', costOf(plain))
  expectNear('our spans, as they come', costOf(all.filter(isReasoningSpan)))
  expectNear('our spans, `caveat: false`', costOf(withOptions({caveat: false})))
  expectNear("our spans, `content: 'length'`", costOf(withOptions({content: 'length'})))
  expectNear('our spans, `maxSteps: 1`', costOf(withOptions({maxSteps: 1})))
  // The recorded runs of the example, through its real client and instrumentation, are of the same size.
  const recorded = demoRuns().flatMap((run) => run.spans)
  const ours = recorded.filter(isReasoningSpan).length
  expect(ours / all.filter(isReasoningSpan).length).toBeGreaterThan(0.7)
  expect(ours / all.filter(isReasoningSpan).length).toBeLessThan(1.4)
})
