/** Options that several commands share, read from what was typed. */
import type {ContentPolicy} from '../model.ts'
import type {ExpandOptions} from '../options.ts'
import type {Values} from './command.ts'
import {UsageError} from './io.ts'

const POLICIES: readonly ContentPolicy[] = ['keep', 'mask', 'hash', 'length', 'drop']
const BACKENDS = ['langfuse', 'phoenix'] as const

/** For `parseArgs`: what decides how calls become spans. */
export const EXPAND_OPTIONS = {
  content: {type: 'string'},
  'max-steps': {type: 'string'},
  compat: {type: 'string', multiple: true},
} as const

/** Lines of `--help` about them. */
export const EXPAND_HELP = `  --content POLICY   keep (default), mask, hash, length or drop: what is left of the text,
                     on the spans that were read, and on those that were expanded before, too
  --max-steps N      steps a call at most; the rest merge into the last one (default 64). Only for
                     calls that are not expanded yet
  --compat BACKEND   langfuse or phoenix: add what that backend needs to show our spans`

const isOneOf = <T extends string>(values: readonly T[], value: string): value is T =>
  (values as readonly string[]).includes(value)

const oneOf = <T extends string>(name: string, values: readonly T[], value: string): T => {
  if (isOneOf(values, value)) return value
  throw new UsageError(
    `expected --${name} to be ${values.join(', ')}, got ${JSON.stringify(value)}`,
  )
}

/** Reads an option that is a whole number. */
export const wholeNumber = (
  name: string,
  value: Values[string],
  {min, max, unit = ''}: {min: number; max: number; unit?: string},
): number | undefined => {
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= min && number <= max) return number
  throw new UsageError(
    `expected --${name} to be a whole number${unit} from ${min} to ${max}, got ${JSON.stringify(value)}`,
  )
}

/** The options of the expansion. What is in a file is kept unless `--content` says otherwise. */
export const expandOptions = (values: Values): ExpandOptions => {
  const content = values['content']
  const compat = values['compat']
  const maxSteps = wholeNumber('max-steps', values['max-steps'], {min: 1, max: 1000})
  return {
    content: typeof content === 'string' ? oneOf('content', POLICIES, content) : 'keep',
    ...(maxSteps === undefined ? {} : {maxSteps}),
    ...(Array.isArray(compat)
      ? {compat: compat.map((backend) => oneOf('compat', BACKENDS, String(backend)))}
      : {}),
  }
}
