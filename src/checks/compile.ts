/** Reads checks once: wrong ones are named, words become patterns. */
import {compilePattern} from '../policy/pattern-safety.ts'
import type {Check, CheckInput, CheckResult} from './check.ts'

/** Alternatives of which one is enough. */
export interface CompiledMention {
  readonly patterns: readonly RegExp[]
  /** Distinct among all mentions of all checks: what a trace remembers of it. */
  readonly id: number
}

export interface CompiledCondition {
  readonly tools: ReadonlySet<string> | undefined
  readonly mentions: readonly CompiledMention[]
  readonly prompt: string | undefined
  readonly model: RegExp | undefined
}

export interface CompiledCheck {
  readonly name: string
  readonly severity: 'warning' | 'critical'
  readonly when: CompiledCondition | ((input: CheckInput) => boolean) | undefined
  readonly mentions: readonly CompiledMention[]
  readonly never: readonly RegExp[]
  readonly before: readonly [CompiledMention, CompiledMention] | undefined
  readonly onlyAfter:
    | {readonly tool: string; readonly mentions: readonly CompiledMention[]}
    | undefined
  readonly test: ((input: CheckInput) => boolean | CheckResult) | undefined
  readonly isOfTrace: boolean
}

const NAME = /^[\w.-]{1,64}$/
const MAX_CHECKS = 64
const KNOWN = new Set([
  'name',
  'severity',
  'when',
  'mentions',
  'never_mentions',
  'before',
  'tool_called_only_after',
  'test',
  'scope',
] satisfies (keyof Check)[])
const EXPECTATIONS = [
  'mentions',
  'never_mentions',
  'before',
  'tool_called_only_after',
  'test',
] as const
const CONDITIONS = new Set(['tool_called', 'mentions', 'prompt', 'model'])

const got = (value: unknown): string =>
  `got \`${typeof value === 'string' ? JSON.stringify(value) : String(value)}\``

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegExp)

// Scripts that part their words; in others a word stands between letters.
const STARTS_APART = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}_]/u
const ENDS_APART = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}_]$/u

/** Literal words: any letter case, whole words, any white space between. */
function wordsOf(words: string): RegExp {
  const escaped = words
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`))
    .join(String.raw`\s{1,64}`)
  const start = STARTS_APART.test(words.trim()) ? String.raw`(?<![\p{L}\p{N}_])` : ''
  const end = ENDS_APART.test(words.trim()) ? String.raw`(?![\p{L}\p{N}_])` : ''
  return new RegExp(`${start}${escaped}${end}`, 'giu')
}

/** Compiles the checks of one options object. */
class Reader {
  #mentions = 0
  readonly #where: string
  constructor(where: string) {
    this.#where = where
  }

  fail(message: string): never {
    throw new TypeError(`${this.#where}: ${message}`)
  }

  pattern(value: unknown, key: string): RegExp {
    if (typeof value === 'string') {
      if (value.trim() === '') this.fail(`expected \`${key}\` not to be empty, ${got(value)}`)
      return wordsOf(value)
    }
    if (!(value instanceof RegExp)) {
      this.fail(`expected \`${key}\` to be a string or a regular expression, ${got(value)}`)
    }
    try {
      return compilePattern(value)
    } catch (error) {
      return this.fail(`\`${key}\`: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  mention(value: unknown, key: string): CompiledMention {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (list.length === 0) this.fail(`expected \`${key}\` not to be an empty list`)
    const id = this.#mentions
    this.#mentions += 1
    return {patterns: list.map((one) => this.pattern(one, key)), id}
  }

  mentions(value: unknown, key: string): CompiledMention[] {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (list.length === 0) this.fail(`expected \`${key}\` not to be an empty list`)
    return list.map((one) => this.mention(one, key))
  }

  text(value: unknown, key: string): string {
    if (typeof value === 'string' && value !== '') return value
    return this.fail(`expected \`${key}\` to be a string, ${got(value)}`)
  }

  condition(value: unknown): CompiledCheck['when'] {
    if (value === undefined) return undefined
    if (typeof value === 'function') return value as (input: CheckInput) => boolean
    if (!isFields(value)) {
      return this.fail(`expected \`when\` to be an object or a function, ${got(value)}`)
    }
    for (const key of Object.keys(value)) {
      if (!CONDITIONS.has(key)) {
        this.fail(`unknown \`when.${key}\`; there are ${[...CONDITIONS].join(', ')}`)
      }
    }
    const {tool_called: tools, mentions, prompt, model} = value
    const names: readonly unknown[] = Array.isArray(tools) ? tools : [tools]
    return {
      tools:
        tools === undefined
          ? undefined
          : new Set(names.map((name) => this.text(name, 'when.tool_called'))),
      mentions: mentions === undefined ? [] : this.mentions(mentions, 'when.mentions'),
      prompt: prompt === undefined ? undefined : this.text(prompt, 'when.prompt'),
      model: model === undefined ? undefined : this.pattern(model, 'when.model'),
    }
  }

  read(check: unknown, at: number): CompiledCheck {
    if (!isFields(check)) {
      return this.fail(`expected \`checks[${at}]\` to be an object, ${got(check)}`)
    }
    const {name, severity = 'warning', scope = 'call', before, test} = check
    if (typeof name !== 'string' || !NAME.test(name)) {
      return this.fail(
        `expected \`checks[${at}].name\` to be 1 to 64 letters, digits, \`_\`, \`-\` and \`.\`, ${got(name)}`,
      )
    }
    const own = new Reader(`${this.#where}: check \`${name}\``)
    own.#mentions = this.#mentions
    for (const key of Object.keys(check)) {
      if (!KNOWN.has(key as keyof Check)) {
        own.fail(`unknown \`${key}\`; there are ${[...KNOWN].join(', ')}`)
      }
    }
    if (severity !== 'warning' && severity !== 'critical') {
      own.fail(`expected \`severity\` to be 'warning' or 'critical', ${got(severity)}`)
    }
    if (scope !== 'call' && scope !== 'trace') {
      own.fail(`expected \`scope\` to be 'call' or 'trace', ${got(scope)}`)
    }
    if (!EXPECTATIONS.some((key) => check[key] !== undefined)) {
      own.fail(`expects nothing: give one of ${EXPECTATIONS.join(', ')}`)
    }
    if (test !== undefined && typeof test !== 'function') {
      own.fail(`expected \`test\` to be a function, ${got(test)}`)
    }
    if (before !== undefined && !(Array.isArray(before) && before.length === 2)) {
      own.fail(`expected \`before\` to be a list of two: what comes first, and before what`)
    }
    const pair = before as readonly unknown[] | undefined
    const after = check['tool_called_only_after']
    if (after !== undefined && !isFields(after)) {
      own.fail(
        `expected \`tool_called_only_after\` to be an object of \`tool\` and \`mentions\`, ${got(after)}`,
      )
    }
    const never = check['never_mentions']
    const nevers: readonly unknown[] = Array.isArray(never) ? never : [never]
    const compiled: CompiledCheck = {
      name,
      severity: severity as CompiledCheck['severity'],
      when: own.condition(check['when']),
      mentions: check['mentions'] === undefined ? [] : own.mentions(check['mentions'], 'mentions'),
      never: never === undefined ? [] : nevers.map((one) => own.pattern(one, 'never_mentions')),
      before:
        pair === undefined
          ? undefined
          : [own.mention(pair[0], 'before'), own.mention(pair[1], 'before')],
      onlyAfter:
        after === undefined
          ? undefined
          : {
              tool: own.text(
                (after as Record<string, unknown>)['tool'],
                'tool_called_only_after.tool',
              ),
              mentions: own.mentions(
                (after as Record<string, unknown>)['mentions'],
                'tool_called_only_after.mentions',
              ),
            },
      test: test as CompiledCheck['test'],
      isOfTrace: scope === 'trace',
    }
    this.#mentions = own.#mentions
    return compiled
  }
}

/**
 * Compiles checks.
 *
 * @param owner the class or function that the messages name
 * @throws TypeError on what is no check, naming the check and what was expected; on a pattern that
 * can backtrack, with the reason
 */
export function compileChecks(owner: string, checks: unknown): readonly CompiledCheck[] {
  if (checks === undefined) return []
  const reader = new Reader(owner)
  if (!Array.isArray(checks)) {
    return reader.fail(`expected \`checks\` to be a list of checks, ${got(checks)}`)
  }
  if (checks.length > MAX_CHECKS) {
    reader.fail(`expected at most ${MAX_CHECKS} \`checks\`, got ${checks.length}`)
  }
  const compiled = checks.map((check: unknown, at) => reader.read(check, at))
  const names = new Set<string>()
  for (const {name} of compiled) {
    if (names.has(name)) reader.fail(`two checks have the name \`${name}\``)
    names.add(name)
  }
  return compiled
}
