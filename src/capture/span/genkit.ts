/** Genkit: what its developer interface shows, with the output as JSON. */
import {IGNORED, ofAny} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'genkit:output': ofAny('output', 3),
    'genkit:metadata:subtype': ofAny('kind', 3),
  }),
)

export const genkit: Dialect = {
  name: 'genkit',
  role: (key) => ROLES.get(key) ?? (key.startsWith('genkit:') ? IGNORED : undefined),
}
