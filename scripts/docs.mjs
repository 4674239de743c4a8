// @ts-check
/**
 * `npm run docs`: writes `docs/attributes.md` and `docs/metrics.md` from `src/semconv.ts`, the only place where names and
 * descriptions stand. `npm run check` fails when the page is not what this makes.
 */
import {mkdirSync, writeFileSync} from 'node:fs'
import {pathToFileURL} from 'node:url'
import {build} from 'esbuild'
import {root} from './install.mjs'

/** @returns {Promise<typeof import('../src/semconv.ts')>} bundled in memory, so that Node 20 reads it too */
async function semconv() {
  const {outputFiles} = await build({
    entryPoints: [`${root}src/semconv.ts`],
    bundle: true,
    write: false,
    format: 'esm',
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  return import(`data:text/javascript;base64,${code}`)
}

/** @param {readonly (readonly string[])[]} rows the first is the header */
function table(rows) {
  const [header = [], ...body] = rows
  return [header, header.map(() => '---'), ...body]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

/** The page as it should stand in the repository. */
export async function attributesPage() {
  const {ATTRIBUTES, CAVEAT, EVENT_SIGNAL, SCHEMA_URL, SCOPE_NAME, SPAN_REASONING, stepSpanName} =
    await semconv()

  /** @param {string} carrier */
  const attributesOn = (carrier) =>
    table([
      ['attribute', 'type', 'meaning'],
      ...ATTRIBUTES.filter(({on}) => on.some((each) => each === carrier)).map(
        ({key, type, description}) => [`\`${key}\``, type, description],
      ),
    ])

  return `<!-- Generated from src/semconv.ts by \`npm run docs\`. Edit that file, not this one. -->

# Spans, attributes and the event

Everything that \`${SCOPE_NAME}\` writes. All of it stands on spans of its own, except for the summary on the
LLM call, which leaves as a copy: the instrumentation's span is never changed. Only scalars and arrays of
strings are used, no value is JSON, and no key is a dotted prefix of another.

The names are also constants: \`import {ATTR_STEP_KIND} from 'otel-reasoning/semconv'\`.

## Spans

Scope \`${SCOPE_NAME}\`, schema \`${SCHEMA_URL}\`, kind INTERNAL, status UNSET whatever was found.

${table([
  ['span', 'parent', 'stands for'],
  [
    `\`${SPAN_REASONING}\``,
    'the LLM call',
    'a block: one contiguous piece of reasoning as the provider delivered it',
  ],
  [
    `\`${stepSpanName('plan')}\`, \`${stepSpanName('verify')}\`, …`,
    `\`${SPAN_REASONING}\``,
    'a step: a run of sentences of one kind. The name is the kind and nothing else, so that names stay a closed set',
  ],
])}

## On the LLM call

${attributesOn('call')}

## On a block

\`reasoning.caveat\` says on each of them: “${CAVEAT}”

${attributesOn('block')}

## On a step

${attributesOn('step')}

## On an agent or a tool that nobody reported

\`otel-reasoning/register\` makes \`invoke_agent\` and \`execute_tool …\` spans (scope
\`otel-reasoning/fetch\`, the conventions' own attributes) where nothing else does.

${attributesOn('inferred span')}

## Event \`${EVENT_SIGNAL}\`

Exactly one per signal, on its step, or on the block where no step holds it. A signal is an observation,
never a verdict; to count signals, count this event and nothing else.

${attributesOn('signal event')}
`
}

/** How many values each label has at most, in one process. */
const LABEL_VALUES = /** @type {Readonly<Record<string, number>>} */ ({
  'reasoning.step.kind': 10,
  'reasoning.visibility': 5,
  // Thirteen names, each with its one severity, but `check_missed`, which may have either of two.
  'reasoning.signal.name': 14,
  'reasoning.signal.severity': 1,
  'reasoning.check.result': 2,
  'reasoning.drop.reason': 7,
})
const GROUPED = 'reasoning.request.model'
const GROUP_LABELS = [GROUPED, 'reasoning.prompt.name', 'reasoning.prompt.version']

/** @returns {Promise<string>} the page on metrics */
export async function metricsPage() {
  const {METRICS, METRIC_GROUP_LIMIT, DURATION_BUCKETS} = await semconv()
  const groups = METRIC_GROUP_LIMIT + 1
  let worst = 0
  const rows = METRICS.map(({name, instrument, unit, attributes, fromSpans, description}) => {
    // A histogram is a series for each bucket, one above all of them, a sum and a count.
    const width = instrument === 'histogram' ? DURATION_BUCKETS.length + 3 : 1
    const own = attributes
      .filter((label) => !GROUP_LABELS.includes(label))
      .reduce((product, label) => product * (LABEL_VALUES[label] ?? 1), 1)
    const series = width * own * (attributes.includes(GROUPED) ? groups : 1)
    worst += series
    const labels = attributes
      .filter((label) => !GROUP_LABELS.includes(label))
      .map((label) => `\`${label}\``)
    if (attributes.includes(GROUPED)) labels.push('the group')
    return [
      `\`${name}\``,
      `${instrument}, \`${unit}\``,
      labels.join(', '),
      fromSpans ? 'both' : 'library',
      String(series),
      description,
    ]
  })
  return `# Metrics

Written by \`npm run docs\` from \`src/semconv.ts\`; do not edit.

The library writes these through the global meter provider, or the option \`meterProvider\`, where there
is one; it is asked for anew whenever it changes. A Collector with
[\`collector-config/collector.yaml\`](../collector-config/collector.yaml) counts those marked \`both\` from
spans instead, under the same names and with the same numbers. Take one route, not both: they would count
twice. The library also counts calls that are recorded and not sampled; a Collector cannot see those.

The group is \`${GROUP_LABELS.join('`, `')}\`, each only where it is known. A process tells ${METRIC_GROUP_LIMIT}
groups apart; further ones share the label \`other\`. A signal is counted by its one event, never from
the lists on calls, blocks and steps.

${table([['metric', 'instrument, unit', 'labels', 'route', 'series at most', ''], ...rows])}

Series at most, in one process, as Prometheus counts them: ${worst.toLocaleString('en')} in all, if
${groups} groups each show every kind, visibility and signal. With one model and one prompt:
${METRICS.reduce((sum, {instrument, attributes}) => {
  const width = instrument === 'histogram' ? DURATION_BUCKETS.length + 3 : 1
  return sum + attributes.reduce((product, label) => product * (LABEL_VALUES[label] ?? 1), width)
}, 0)}.
`
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync(`${root}docs`, {recursive: true})
  writeFileSync(`${root}docs/attributes.md`, await attributesPage())
  writeFileSync(`${root}docs/metrics.md`, await metricsPage())
}
