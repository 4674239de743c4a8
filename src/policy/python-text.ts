/** Writes values in Python's notation, for attributes that came in it. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const quoted = (text: string): string =>
  `'${text.replace(/[\\'\n\r\t]/g, (character) => ESCAPES[character] ?? character)}'`

/** As `repr` would: `{'a': None}`, `[True, 1.5]`, and `Name(a='b')` for an object with a `$type`. */
export function writePython(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(writePython).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  const {$type: name, ...fields} = value as Record<string, unknown>
  const entries = Object.entries(fields)
  if (typeof name === 'string' && /^[A-Za-z_][\w.]*$/.test(name)) {
    return `${name}(${entries.map(([key, field]) => `${key}=${writePython(field)}`).join(', ')})`
  }
  return `{${entries.map(([key, field]) => `${quoted(key)}: ${writePython(field)}`).join(', ')}}`
}
