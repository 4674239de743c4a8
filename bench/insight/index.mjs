/**
 * `npm run bench:insight [-- --write] [part …]`: one table of what the analysis is worth. Every
 * part is a file beside this one with `measure()`, which gives rows
 * `{part, by, measure, set, value, text, interval, baseline, ceiling}`, or `undefined` where it
 * needs sets that are not on this machine. `by` is `rules`, `network` or the name of an LLM that
 * the environment configures.
 *
 * `--write` puts the table between the markers in `docs/insight.md` and each signal's figures
 * between those of its card in `docs/signals.md`.
 */
import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'

const PARTS = ['boundaries', 'kinds', 'phases', 'signals', 'speed']

const args = process.argv.slice(2)
const wanted = args.filter((arg) => !arg.startsWith('--'))
const unknown = wanted.find((part) => !PARTS.includes(part))
if (unknown !== undefined) {
  console.error(`unknown part ${unknown}; the parts are ${PARTS.join(', ')}`)
  process.exit(2)
}

const rows = []
const absent = []
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part)) continue
  const file = ['mjs', 'ts']
    .map((end) => new URL(`${part}.${end}`, import.meta.url))
    .find((url) => existsSync(url))
  if (file === undefined) continue
  const {measure} = await import(file.href)
  const found = await measure()
  if (found === undefined) absent.push(part)
  else rows.push(...found)
}

const interval = (row) => (row.interval === undefined ? '' : ` [${row.interval.join(', ')}]`)
const cells = (row) => [
  row.measure,
  row.by,
  row.set,
  `${row.text}${interval(row)}`,
  row.baseline,
  row.ceiling,
]
const HEAD = ['measure', 'by', 'set', 'value [95 %]', 'baseline', 'ceiling']
const toTable = (head, body) =>
  [head, head.map(() => '---'), ...body]
    .map((line) => `| ${line.map((cell) => cell ?? '').join(' | ')} |`)
    .join('\n')

const table = toTable(HEAD, rows.map(cells))
console.log(table)
if (absent.length > 0) {
  console.log(
    `\nnot measured: ${absent.join(', ')}. The labelled sets (../shared/datasets) are not on this machine.`,
  )
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function fill(path, sections) {
  const file = new URL(`../../docs/${path}`, import.meta.url)
  if (!existsSync(file)) return
  let text = readFileSync(file, 'utf8')
  for (const [name, body] of sections) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const from = text.indexOf(open)
    const to = text.indexOf(close)
    if (from < 0 || to < from) continue
    text = `${text.slice(0, from + open.length)}\n\n${body}\n\n${text.slice(to)}`
  }
  writeFileSync(file, text)
}

if (args.includes('--write')) {
  const parts = [...new Set(rows.map(({part}) => part))]
  fill(
    'insight.md',
    parts.map((part) => [part, toTable(HEAD, rows.filter((row) => row.part === part).map(cells))]),
  )
  const signals = [...new Set(rows.flatMap(({signal}) => signal ?? []))]
  fill(
    'signals.md',
    signals.map((signal) => [
      signal,
      toTable(
        ['figure', 'on', 'value [95 %]'],
        rows
          .filter((row) => row.signal === signal)
          .map((row) => [
            row.measure.replace(`${signal}, `, ''),
            row.set,
            `${row.text}${interval(row)}`,
          ]),
      ),
    ]),
  )
  // Padding of tables is the formatter's.
  execFileSync('npx', ['oxfmt', 'docs/insight.md', 'docs/signals.md'], {
    cwd: new URL('../..', import.meta.url),
  })
}
