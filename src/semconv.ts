/**
 * Every span, attribute and event name that this package writes, with its description.
 * `docs/attributes.md` is generated from here and a test checks that it is current.
 */
import type {StepKind} from './model.ts'

/** Name of the instrumentation scope of our spans. @public */
export const SCOPE_NAME = 'otel-reasoning'
/** Version of the package, and so of the scope. @public */
export const SCOPE_VERSION = '0.1.0'
/** Convention of the attributes we borrow; our own keys are described in `docs/attributes.md`. @public */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.41.0'

/** Name of the span of a block. @public */
export const SPAN_REASONING = 'reasoning'
const STEP_SPAN_NAMES: Readonly<Record<StepKind, string>> = {
  setup: 'reasoning setup',
  plan: 'reasoning plan',
  fact: 'reasoning fact',
  infer: 'reasoning infer',
  verify: 'reasoning verify',
  backtrack: 'reasoning backtrack',
  uncertainty: 'reasoning uncertainty',
  act: 'reasoning act',
  conclude: 'reasoning conclude',
  other: 'reasoning other',
}

/** Name of the span of a step: the kind and nothing else, so that names stay a closed set. @public */
export const stepSpanName = (kind: StepKind): string => STEP_SPAN_NAMES[kind]

/** Event on a step (or block): exactly one per signal, the only thing to count. @public */
export const EVENT_SIGNAL = 'reasoning.signal'

export const ATTR_VISIBILITY = 'reasoning.visibility'
export const ATTR_SOURCE = 'reasoning.source'
export const ATTR_TIMING = 'reasoning.timing'
export const ATTR_LATE = 'reasoning.late'
export const ATTR_TIME_TO_FIRST_CHUNK = 'reasoning.time_to_first_chunk'
export const ATTR_BLOCK_INDEX = 'reasoning.block.index'
export const ATTR_BLOCK_COUNT = 'reasoning.block.count'
export const ATTR_ATTEMPT = 'reasoning.attempt'
export const ATTR_CHOICE_INDEX = 'reasoning.choice.index'
export const ATTR_BLOCKS_MERGED = 'reasoning.blocks_merged'
export const ATTR_STEP_INDEX = 'reasoning.step.index'
export const ATTR_STEP_KIND = 'reasoning.step.kind'
export const ATTR_STEP_CONFIDENCE = 'reasoning.step.confidence'
export const ATTR_STEP_TITLE = 'reasoning.step.title'
export const ATTR_STEP_COUNT = 'reasoning.step.count'
export const ATTR_STEPS_MERGED = 'reasoning.steps_merged'
export const ATTR_TEXT = 'reasoning.text'
export const ATTR_TEXT_LENGTH = 'reasoning.text_length'
export const ATTR_TEXT_TRUNCATED = 'reasoning.text_truncated'
export const ATTR_TEXT_INCOMPLETE = 'reasoning.text_incomplete'
export const ATTR_TEXT_HASH = 'reasoning.text_hash'
export const ATTR_TEXT_CHUNKS = 'reasoning.text_chunks'
export const ATTR_TEXT_POLICY = 'reasoning.text_policy'
export const ATTR_TOKEN_COUNT = 'reasoning.token_count'
export const ATTR_TOKEN_METHOD = 'reasoning.token_method'
export const ATTR_SIGNALS = 'reasoning.signals'
export const ATTR_SEVERITY = 'reasoning.severity'
export const ATTR_CHECKS_MET = 'reasoning.checks_met'
export const ATTR_CHECKS_MISSED = 'reasoning.checks_missed'
export const ATTR_TOOL_CALL_IDS = 'reasoning.tool.call.ids'
export const ATTR_TOOL_NAMES = 'reasoning.tool.names'
export const ATTR_REQUEST_MODEL = 'reasoning.request.model'
export const ATTR_PROMPT_NAME = 'reasoning.prompt.name'
export const ATTR_PROMPT_VERSION = 'reasoning.prompt.version'
export const ATTR_CAVEAT = 'reasoning.caveat'
export const ATTR_ANALYZER_VERSION = 'reasoning.analyzer.version'
export const ATTR_INFERRED = 'reasoning.inferred'
export const ATTR_SIGNAL_NAME = 'reasoning.signal.name'
export const ATTR_SIGNAL_SEVERITY = 'reasoning.signal.severity'
export const ATTR_SIGNAL_CONFIDENCE = 'reasoning.signal.confidence'
export const ATTR_SIGNAL_EVIDENCE = 'reasoning.signal.evidence'
export const ATTR_SIGNAL_DETECTOR = 'reasoning.signal.detector'
export const ATTR_SIGNAL_CHECK = 'reasoning.signal.check'

/** The one sentence on every block that says what the text is not. @public */
export const CAVEAT =
  'Text that the model wrote; not a record of how it computed, and no proof that the answer follows from it.'

/** Where an attribute stands. */
export type Carrier = 'call' | 'block' | 'step' | 'signal event' | 'inferred span'

/** One row of `docs/attributes.md`. */
export interface AttributeDescription {
  key: string
  on: readonly Carrier[]
  type: 'string' | 'int' | 'double' | 'boolean' | 'string[]'
  description: string
}

/* @__NO_SIDE_EFFECTS__ */
const row = (
  key: string,
  on: readonly Carrier[],
  type: AttributeDescription['type'],
  description: string,
): AttributeDescription => ({key, on, type, description})

/** Every attribute, in the order of the documentation. @public */
export const ATTRIBUTES: readonly AttributeDescription[] = [
  row(
    ATTR_VISIBILITY,
    ['call', 'block'],
    'string',
    '`full`, `summary`, `redacted`, `encrypted` or `hidden`; on the call, the least visible of its blocks',
  ),
  row(
    ATTR_SOURCE,
    ['block'],
    'string',
    'Dialect, wire format or `recorder` that the block was read from',
  ),
  row(
    ATTR_TIMING,
    ['block', 'step', 'inferred span'],
    'string',
    '`measured` (arrival times of chunks were seen) or `estimated` (the call’s window shared over its text; of a tool, the time between response and request)',
  ),
  row(ATTR_LATE, ['block', 'step'], 'boolean', 'The parent had ended before the text came'),
  row(
    ATTR_TIME_TO_FIRST_CHUNK,
    ['block'],
    'double',
    'Seconds of silence before the first text, where known; not given to the first step',
  ),
  row(ATTR_BLOCK_INDEX, ['block'], 'int', 'Position among the call’s blocks, from 0'),
  row(
    ATTR_BLOCK_COUNT,
    ['call'],
    'int',
    'Blocks of this call; also the mark that a span was expanded',
  ),
  row(
    ATTR_BLOCKS_MERGED,
    ['block'],
    'int',
    'How many blocks this last one stands for, because a call has at most 64',
  ),
  row(ATTR_ATTEMPT, ['block'], 'int', 'A retry inside the client, from 1'),
  row(ATTR_CHOICE_INDEX, ['block'], 'int', 'Which of several alternatives (`n > 1`), from 0'),
  row(ATTR_STEP_INDEX, ['step'], 'int', 'Position among the block’s steps, from 0'),
  row(
    ATTR_STEP_KIND,
    ['step'],
    'string',
    '`setup`, `plan`, `fact`, `infer`, `verify`, `backtrack`, `uncertainty`, `act`, `conclude` or `other`',
  ),
  row(ATTR_STEP_CONFIDENCE, ['step'], 'double', '0 to 1: how sure the classifier is of the kind'),
  row(
    ATTR_STEP_TITLE,
    ['step'],
    'string',
    'The sentence that says what the step is about, at most 200 bytes',
  ),
  row(ATTR_STEP_COUNT, ['call', 'block'], 'int', 'Steps found, before the cap'),
  row(
    ATTR_STEPS_MERGED,
    ['block', 'step'],
    'int',
    'How many found steps this last step stands for, because the cap was reached; on a block, how many it has no spans for',
  ),
  row(
    ATTR_TEXT,
    ['block', 'step'],
    'string',
    'The text, at most 2,000 bytes of UTF-8, cut between code points; on a block only when it has no steps',
  ),
  row(
    ATTR_TEXT_LENGTH,
    ['block', 'step'],
    'int',
    'Length of the text before it was cut, in UTF-16 code units; under `mask`, of the masked text',
  ),
  row(
    ATTR_TEXT_TRUNCATED,
    ['block', 'step'],
    'boolean',
    '`reasoning.text` is shorter than the original',
  ),
  row(
    ATTR_TEXT_INCOMPLETE,
    ['block'],
    'boolean',
    'The text was cut before we saw it (a value limit, broken JSON)',
  ),
  row(
    ATTR_TEXT_HASH,
    ['block', 'step'],
    'string',
    'Hex. SHA-256 under `keep`, HMAC-SHA-256 with `hashKey` under any other policy; on steps on request',
  ),
  row(
    ATTR_TEXT_CHUNKS,
    ['block', 'step'],
    'string[]',
    'Opt-in long text, each at most 2,000 bytes, 16 KiB in all',
  ),
  row(
    ATTR_TEXT_POLICY,
    ['block'],
    'string',
    'What the policy did: `keep`, `mask`, `hash`, `length` or `drop`',
  ),
  row(ATTR_TOKEN_COUNT, ['block'], 'int', 'Reasoning tokens of the block'),
  row(
    ATTR_TOKEN_METHOD,
    ['block'],
    'string',
    '`reported` by the provider, or `apportioned` over the blocks by length',
  ),
  row(
    ATTR_SIGNALS,
    ['call', 'block', 'step'],
    'string[]',
    'Distinct names of signals. For reading: never counted, never a metric label',
  ),
  row(
    ATTR_SEVERITY,
    ['call', 'block', 'step'],
    'string',
    'The highest severity of the signals: `info`, `warning` or `critical`',
  ),
  row(ATTR_CHECKS_MET, ['call', 'block'], 'string[]', 'Names of the checks that were met'),
  row(ATTR_CHECKS_MISSED, ['call', 'block'], 'string[]', 'Names of the checks that were missed'),
  row(
    ATTR_TOOL_CALL_IDS,
    ['step'],
    'string[]',
    'Ids of the tool calls that this step led to; the same as `gen_ai.tool.call.id` on the tool’s span',
  ),
  row(ATTR_TOOL_NAMES, ['step'], 'string[]', 'Names of the tools that this step led to'),
  row(ATTR_REQUEST_MODEL, ['block', 'step', 'signal event'], 'string', 'The model that was asked'),
  row(
    ATTR_PROMPT_NAME,
    ['block', 'step', 'signal event'],
    'string',
    'The prompt’s name, where the call names one',
  ),
  row(
    ATTR_PROMPT_VERSION,
    ['block', 'step', 'signal event'],
    'string',
    'The prompt’s version, where the call names one',
  ),
  row(ATTR_CAVEAT, ['block'], 'string', 'One fixed sentence: what the text is not'),
  row(
    ATTR_ANALYZER_VERSION,
    ['block'],
    'string',
    'Version of segmenter and classifier, so that runs are comparable',
  ),
  row(
    ATTR_INFERRED,
    ['inferred span'],
    'boolean',
    'Nobody reported this agent or tool: it was inferred from the tool calls in responses and their results in later requests',
  ),
  row(ATTR_SIGNAL_NAME, ['signal event'], 'string', 'Which signal'),
  row(ATTR_SIGNAL_SEVERITY, ['signal event'], 'string', '`info`, `warning` or `critical`'),
  row(ATTR_SIGNAL_CONFIDENCE, ['signal event'], 'double', '0 to 1'),
  row(
    ATTR_SIGNAL_EVIDENCE,
    ['signal event'],
    'string',
    'The passage, at most 200 bytes, under the policy',
  ),
  row(ATTR_SIGNAL_DETECTOR, ['signal event'], 'string', 'What observed it, with its version'),
  row(
    ATTR_SIGNAL_CHECK,
    ['signal event'],
    'string',
    'Name of the check, where it is `check_missed`',
  ),
]

/** Label of `reasoning.checks`: `met` or `missed`. */
export const METRIC_ATTR_CHECK_RESULT = 'reasoning.check.result'
/** Label of `reasoning.processor.drops`: which limit or fault. */
export const METRIC_ATTR_DROP_REASON = 'reasoning.drop.reason'

export const METRIC_CALLS = 'reasoning.calls'
export const METRIC_BLOCKS = 'reasoning.blocks'
export const METRIC_STEPS = 'reasoning.steps'
export const METRIC_SIGNAL_EVENTS = 'reasoning.signal.events'
export const METRIC_CHECKS = 'reasoning.checks'
export const METRIC_BLOCKS_WITH_MISSED_CHECKS = 'reasoning.blocks_with_missed_checks'
export const METRIC_TOKENS = 'reasoning.tokens'
export const METRIC_STEP_DURATION = 'reasoning.step.duration'
export const METRIC_BLOCK_DURATION = 'reasoning.block.duration'
export const METRIC_PROCESSOR_PENDING = 'reasoning.processor.pending'
export const METRIC_PROCESSOR_DROPS = 'reasoning.processor.drops'
export const METRIC_PROCESSOR_ERRORS = 'reasoning.processor.errors'
export const METRIC_PROCESSOR_ANALYSIS_DURATION = 'reasoning.processor.analysis.duration'
export const METRIC_SPOOL_SIZE = 'reasoning.spool.size'

/** One metric, whether the library makes it or a Collector counts it from our spans. */
export interface MetricDescription {
  name: string
  instrument: 'counter' | 'updowncounter' | 'histogram'
  /** UCUM. */
  unit: string
  /** Labels: closed sets, and model, prompt name and version. */
  attributes: readonly string[]
  /** Whether `collector-config/collector.yaml` counts it from spans, too. */
  fromSpans: boolean
  description: string
}

/** Upper bounds of the buckets of durations, in seconds. */
export const DURATION_BUCKETS: readonly number[] = [
  0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
]

/**
 * Combinations of model, prompt name and prompt version that the library tells apart in one process;
 * further ones share the label `other`.
 */
export const METRIC_GROUP_LIMIT = 100

/** What sets runs apart that are compared. */
const METRIC_GROUPS = [ATTR_REQUEST_MODEL, ATTR_PROMPT_NAME, ATTR_PROMPT_VERSION] as const

/** Every metric, by either way under the same name. @public */
export const METRICS: readonly MetricDescription[] = [
  {
    name: METRIC_CALLS,
    instrument: 'counter',
    unit: '{call}',
    attributes: METRIC_GROUPS,
    fromSpans: true,
    description: 'Calls with reasoning: one for each block whose index is 0',
  },
  {
    name: METRIC_BLOCKS,
    instrument: 'counter',
    unit: '{block}',
    attributes: [ATTR_VISIBILITY, ...METRIC_GROUPS],
    fromSpans: true,
    description: 'Blocks, by what could be seen of them',
  },
  {
    name: METRIC_STEPS,
    instrument: 'counter',
    unit: '{step}',
    attributes: [ATTR_STEP_KIND, ...METRIC_GROUPS],
    fromSpans: true,
    description: 'Step spans, by kind',
  },
  {
    name: METRIC_SIGNAL_EVENTS,
    instrument: 'counter',
    unit: '{signal}',
    attributes: [ATTR_SIGNAL_NAME, ATTR_SIGNAL_SEVERITY, ...METRIC_GROUPS],
    fromSpans: true,
    description: 'Signals: one for each event `reasoning.signal`, and nothing else',
  },
  {
    name: METRIC_CHECKS,
    instrument: 'counter',
    unit: '{check}',
    attributes: [METRIC_ATTR_CHECK_RESULT, ...METRIC_GROUPS],
    fromSpans: true,
    description: 'Checks that applied, met or missed, as the blocks list them',
  },
  {
    name: METRIC_BLOCKS_WITH_MISSED_CHECKS,
    instrument: 'counter',
    unit: '{block}',
    attributes: METRIC_GROUPS,
    fromSpans: true,
    description: 'Blocks that list a missed check, however many: most often one of the call',
  },
  {
    name: METRIC_TOKENS,
    instrument: 'counter',
    unit: '{token}',
    attributes: METRIC_GROUPS,
    fromSpans: true,
    description: 'Reasoning tokens, where they were reported',
  },
  {
    name: METRIC_STEP_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: [ATTR_STEP_KIND],
    fromSpans: true,
    description: 'How long a step took, or its share of an estimated window',
  },
  {
    name: METRIC_BLOCK_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: METRIC_GROUPS,
    fromSpans: true,
    description: 'How long a block took, or its share of an estimated window',
  },
  {
    name: METRIC_PROCESSOR_PENDING,
    instrument: 'updowncounter',
    unit: '{span}',
    attributes: [],
    fromSpans: false,
    description: 'Spans that wait for analysis',
  },
  {
    name: METRIC_PROCESSOR_DROPS,
    instrument: 'counter',
    unit: '{span}',
    attributes: [METRIC_ATTR_DROP_REASON],
    fromSpans: false,
    description: 'Reasoning spans that were lost, by the limit or fault that took them',
  },
  {
    name: METRIC_PROCESSOR_ERRORS,
    instrument: 'counter',
    unit: '{error}',
    attributes: [],
    fromSpans: false,
    description: 'Faults: of ours, of a classifier, of a policy function',
  },
  {
    name: METRIC_PROCESSOR_ANALYSIS_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: [],
    fromSpans: false,
    description: 'How long the analysis of a call took',
  },
  {
    name: METRIC_SPOOL_SIZE,
    instrument: 'updowncounter',
    unit: 'By',
    attributes: [],
    fromSpans: false,
    description:
      'What waits in the spool of the durable exporter (reserved: nothing writes it yet)',
  },
]
