/** Text with the role that it plays, and the terminal's colours for each role. */
import type {StepKind} from '../model.ts'

/** What a piece of a line is; how that looks is decided where it is drawn. */
export type Role =
  | 'plain'
  | 'heading'
  | 'branch'
  | 'name'
  | 'dim'
  | 'tool'
  | 'duration'
  | 'bar'
  | 'bar-reasoning'
  | 'ok'
  | 'info'
  | 'warning'
  | 'critical'
  | StepKind

/** A piece of a line in one role. */
export interface Segment {
  text: string
  role: Role
}

// The sixteen colours of the terminal's own theme: readable on light and dark alike.
const CODES: Readonly<Record<Role, string>> = {
  plain: '',
  heading: '1',
  branch: '90',
  name: '1',
  dim: '90',
  tool: '36',
  duration: '',
  bar: '90',
  'bar-reasoning': '34',
  ok: '32',
  info: '34',
  warning: '33',
  critical: '31',
  setup: '90',
  plan: '34',
  fact: '36',
  infer: '',
  verify: '32',
  backtrack: '33',
  uncertainty: '35',
  act: '1;36',
  conclude: '1',
  other: '90',
}

/** A piece as the terminal shows it. */
const paint = ({text, role}: Segment, color: boolean): string => {
  const code = CODES[role]
  return color && code !== '' && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
}

/** A line of pieces as the terminal shows it, without spaces at its end. */
export const paintLine = (segments: readonly Segment[], color: boolean): string => {
  const kept = [...segments]
  for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
    const text = last.text.trimEnd()
    if (text === last.text) break
    kept.pop()
    if (text !== '') kept.push({...last, text})
  }
  return kept.map((segment) => paint(segment, color)).join('')
}
