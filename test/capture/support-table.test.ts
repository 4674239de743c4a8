import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {loadCases} from './corpus.ts'
import {supportTable} from './support-table.ts'

const DOCUMENT = join(import.meta.dirname, '../../docs/instrumentations.md')
const START = '<!-- TABLE-START -->\n'
const END = '<!-- TABLE-END -->'

// UPDATE_DOCS=1 writes the table anew; otherwise the document must already say it.
test('docs/instrumentations.md says what the corpus gives', () => {
  const document = readFileSync(DOCUMENT, 'utf8')
  const start = document.indexOf(START) + START.length
  const end = document.indexOf(END)
  expect(end).toBeGreaterThanOrEqual(start)
  const table = `\n${supportTable(loadCases())}\n\n`
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(DOCUMENT, document.slice(0, start) + table + document.slice(end))
    return
  }
  expect(document.slice(start, end)).toBe(table)
})
