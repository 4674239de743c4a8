/** Options as they were typed, read with Node's parser and refused in words of our own. */
import {parseArgs} from 'node:util'
import type {Command, Values} from './command.ts'
import {UsageError} from './io.ts'
import {nearest} from './nearest.ts'

type Options = Command['options']

/** `--limit -5` means minus five; `--trace --json` forgot the trace. */
const isOption = (value: string): boolean => /^-[^\d]/.test(value)

const unknownOption = (rawName: string, options: Options, help: string): UsageError => {
  const name = rawName.replace(/^-+/, '')
  const like = nearest(name, Object.keys(options))
  const hint = like === undefined ? `${help} lists them` : `did you mean --${like}?`
  return new UsageError(`there is no option ${rawName}; ${hint}`)
}

/**
 * Reads what stands behind the command's name.
 *
 * @throws UsageError in one line: an unknown option (with the nearest one), a value that is missing
 * or too many
 */
export const parseOptions = (
  command: string,
  args: readonly string[],
  options: Options,
): {positionals: string[]; values: Values} => {
  const help = `\`otel-reasoning ${command} --help\``
  const {positionals, values, tokens} = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const {name, rawName, value, inlineValue} = token
    const type = Object.hasOwn(options, name) ? options[name]?.type : undefined
    if (type === undefined) throw unknownOption(rawName, options, help)
    if (type === 'boolean') {
      if (value === undefined) continue
      throw new UsageError(`${rawName} takes no value, got ${JSON.stringify(value)}`)
    }
    if (value === undefined || value === '') {
      throw new UsageError(`${rawName} needs a value; ${help} says which`)
    }
    if (inlineValue === true || !isOption(value)) continue
    throw new UsageError(
      `${rawName} needs a value, and ${value} looks like the next option; if it is the value: --${name}=${value}`,
    )
  }
  return {positionals, values: values as Values}
}
