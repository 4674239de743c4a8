/** Mastra: a type of span and its output as JSON. */
import {IGNORED, ofAny} from './dialect.ts'
import type {Dialect} from './dialect.ts'

export const mastra: Dialect = {
  name: 'mastra',
  role(key) {
    if (!key.startsWith('mastra.')) return undefined
    if (key === 'mastra.span.type') return ofAny('kind', 3)
    return key.endsWith('.output') ? ofAny('output', 3) : IGNORED
  },
}
