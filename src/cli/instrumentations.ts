/**
 * What is known of instrumentations: the switch for their content, and what they lose of the
 * reasoning although content is on. Tried with released packages; `doctor` tells it to people.
 */
import type {ScopeLike} from '../readable-span.ts'

/** One instrumentation, known by the name of its scope. */
export interface Instrumentation {
  /** How to have it write content. */
  content: string
  /** What it leaves out with content on. */
  loses?: string
  /** It writes content as log events and never on the span. */
  logsOnly?: boolean
}

const GENAI = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'
const OPENINFERENCE =
  'content is on unless OPENINFERENCE_HIDE_OUTPUTS, OPENINFERENCE_HIDE_OUTPUT_MESSAGES or OPENINFERENCE_HIDE_OUTPUT_TEXT is set: unset them'
const TRACELOOP = 'set TRACELOOP_TRACE_CONTENT=true'
const LOGFIRE = 'content is on by default: see that scrubbing and `include_content` leave it there'

const KNOWN: readonly (readonly [RegExp, Instrumentation])[] = [
  [
    /^@opentelemetry\/instrumentation-openai$/,
    {
      content: `set ${GENAI}=true and add ReasoningLogRecordProcessor, since content comes as log events; for recorded files, name the log file beside the span file`,
      loses: 'it drops the `reasoning_content` and `reasoning` of Chat Completions',
      logsOnly: true,
    },
  ],
  [
    /^opentelemetry\.(?:instrumentation\.openai_v2|util\.genai)/,
    {
      content: `set ${GENAI}=SPAN_ONLY (or SPAN_AND_EVENT; \`true\` is refused) and OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`,
      loses: 'it drops the `reasoning_content` and `reasoning` of Chat Completions',
    },
  ],
  [
    /^opentelemetry\.instrumentation\.google_genai/,
    {
      content: `set ${GENAI}=SPAN_ONLY (or SPAN_AND_EVENT; \`true\` is refused) and OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`,
    },
  ],
  [
    /^opentelemetry\.instrumentation\.openai/,
    {
      content: TRACELOOP,
      loses: 'it drops `reasoning` (vLLM, OpenRouter) and the reasoning text of gpt-oss Responses',
    },
  ],
  [/^opentelemetry\.instrumentation\./, {content: TRACELOOP}],
  [
    /^@traceloop\/instrumentation-openai/,
    {content: TRACELOOP, loses: 'it drops all reasoning but <think> tags in the answer'},
  ],
  [
    /^@traceloop\/instrumentation-anthropic/,
    {content: TRACELOOP, loses: 'it drops the thinking of streamed calls'},
  ],
  [/^@traceloop\//, {content: TRACELOOP}],
  [
    /^@arizeai\/openinference-instrumentation-openai/,
    {content: OPENINFERENCE, loses: 'it drops the reasoning of streamed Chat Completions'},
  ],
  [
    /^openinference\.instrumentation\.smolagents/,
    {content: OPENINFERENCE, loses: 'it drops the reasoning of streamed calls'},
  ],
  [/^(?:@arizeai\/openinference|openinference\.)/, {content: OPENINFERENCE}],
  [
    /^ai$/,
    {
      content:
        'pass `experimental_telemetry: {isEnabled: true, recordOutputs: true}` to each call (both are on by default once it is enabled)',
      loses: 'version 5 writes no reasoning: upgrade `ai` to 6 or newer',
    },
  ],
  [/^gen_ai$/, {content: 'leave `recordOutputs` of @ai-sdk/otel on'}],
  [
    /^logfire\.openai/,
    {content: LOGFIRE, loses: 'it drops the reasoning of OpenAI-like APIs but for <think> tags'},
  ],
  [/^logfire/, {content: LOGFIRE}],
  [/^pydantic-ai/, {content: 'leave `include_content` of its instrumentation settings on'}],
  [
    /^litellm/,
    {
      content: `set ${GENAI}=SPAN_AND_EVENT and leave \`turn_off_message_logging\` off`,
      loses: 'it drops the reasoning of streamed calls',
    },
  ],
  [
    /^com\.anthropic\.sdk/,
    {
      content:
        'this span, made by the SDK itself, never holds content: add an instrumentation for Anthropic; where there is one, its span tells the same call',
      loses: 'it writes no content at all',
    },
  ],
  [/^langfuse/, {content: 'see that no `mask` and no `captureOutput: false` takes the output out'}],
]

const UNKNOWN: Instrumentation = {
  content: `turn content capture on in this instrumentation; many read ${GENAI} (true, or SPAN_ONLY)`,
}

/** What is known of the instrumentation that made a span; general advice for any other. */
export const instrumentationOf = ({name}: ScopeLike): Instrumentation & {isKnown: boolean} => {
  const known = KNOWN.find(([scope]) => scope.test(name))?.[1]
  return known === undefined ? {...UNKNOWN, isKnown: false} : {...known, isKnown: true}
}
