// What the types are for: none of this compiles.
import {analyzeReasoning, ReasoningSpanExporter, ReasoningSpanProcessor} from 'otel-reasoning'

export const mistakes = [
  // @ts-expect-error a number is not a text
  analyzeReasoning(42),
  // @ts-expect-error the processor has nothing to hand spans to
  new ReasoningSpanProcessor({}),
  // @ts-expect-error an exporter is not a processor
  new ReasoningSpanProcessor({next: {export() {}, async shutdown() {}}}),
  // @ts-expect-error there is no such policy
  new ReasoningSpanExporter({exporter: {export() {}, async shutdown() {}}, content: 'encrypt'}),
]
