// @ts-check
/**
 * `npm run docs`: writes `docs/attributes.md` from `src/semconv.ts`, the only place where names and
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

## Event \`${EVENT_SIGNAL}\`

Exactly one per signal, on its step, or on the block where no step holds it. A signal is an observation,
never a verdict; to count signals, count this event and nothing else.

${attributesOn('signal event')}
`
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync(`${root}docs`, {recursive: true})
  writeFileSync(`${root}docs/attributes.md`, await attributesPage())
}
