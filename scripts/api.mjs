// @ts-check
/**
 * The public surface as one text: every exported declaration of every entry, as it stands in the built
 * `.d.ts` files, without comments. Checked in as `test/package/api.snapshot.txt`, so that a change of
 * the contract is seen in review; `npm run check -- --update` rewrites it.
 */
import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {parseSync} from 'oxc-parser'
import {entries} from './entries.mjs'

/**
 * @typedef {object} Declarations of one file
 * @property {Map<string, string>} exported name → text
 * @property {{local: string, name: string, from: string}[]} reexported
 * @property {string[]} stars files of `export * from`
 * @property {Set<string>} ours every name that this file declares or imports from another of our files
 */

/** @type {Map<string, Declarations>} */
const parsed = new Map()

/** `./model.ts` in a declaration file stands for `./model.d.ts`. @param {string} from @param {string} file */
const resolve = (from, file) => join(dirname(file), from.replace(/\.(ts|js)$/, '.d.ts'))

/** @param {string} file @returns {Declarations} */
function declarationsOf(file) {
  const known = parsed.get(file)
  if (known) return known
  const source = readFileSync(file, 'utf8')
  const {program, comments} = parseSync(file, source)

  /** @param {{start: number, end: number}} range */
  function textOf({start, end}) {
    let text = ''
    let at = start
    for (const comment of comments) {
      if (comment.start < start || comment.end > end) continue
      text += source.slice(at, comment.start)
      at = comment.end
    }
    return (text + source.slice(at, end)).replace(/[ \t]+$/gm, '').replace(/\n{2,}/g, '\n')
  }

  /** @type {Declarations} */
  const result = {exported: new Map(), reexported: [], stars: [], ours: new Set()}
  parsed.set(file, result)
  /** Declared here and perhaps exported by name further down. @type {Map<string, string>} */
  const local = new Map()
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      if (!statement.source.value.startsWith('.')) continue
      for (const {local: binding} of statement.specifiers) result.ours.add(binding.name)
    } else if (statement.type === 'ExportAllDeclaration') {
      result.stars.push(resolve(statement.source.value, file))
    } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration) {
      for (const name of namesOf(statement.declaration)) {
        result.ours.add(name)
        // Overloads are several declarations of one name.
        result.exported.set(
          name,
          [result.exported.get(name), textOf(statement)].filter(Boolean).join('\n'),
        )
      }
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const specifier of statement.specifiers) {
        const [from, to] = [nameOf(specifier.local), nameOf(specifier.exported)]
        if (statement.source) {
          result.reexported.push({
            local: from,
            name: to,
            from: resolve(statement.source.value, file),
          })
        } else if (local.has(from)) {
          result.exported.set(to, /** @type {string} */ (local.get(from)))
        }
      }
    } else {
      for (const name of namesOf(statement)) {
        result.ours.add(name)
        local.set(name, textOf(statement))
      }
    }
  }
  return result
}

/** @param {any} node identifier or string literal */
const nameOf = (node) => node.name ?? node.value

/** @param {any} declaration @returns {string[]} */
function namesOf(declaration) {
  if (declaration.declarations) {
    return declaration.declarations.map((/** @type {any} */ each) => each.id.name)
  }
  return declaration.id ? [declaration.id.name] : []
}

/** @param {string} file @param {string} name @returns {string | undefined} */
function find(file, name) {
  const {exported, reexported, stars} = declarationsOf(file)
  const own = exported.get(name)
  if (own !== undefined) return own
  const other = reexported.find((each) => each.name === name)
  if (other) return find(other.from, other.local)
  return stars.map((star) => find(star, name)).find((text) => text !== undefined)
}

/** @param {string} file @returns {string[]} */
function namesExportedBy(file) {
  const {exported, reexported, stars} = declarationsOf(file)
  return [
    ...exported.keys(),
    ...reexported.map(({name}) => name),
    ...stars.flatMap((star) => namesExportedBy(star)),
  ]
}

/** @param {string} folder with the built declarations */
export function apiSnapshot(folder = 'dist') {
  parsed.clear()
  const parts = ['// The public surface, made by scripts/api.mjs from the built declarations.']
  for (const {name, subpath} of entries) {
    if (subpath === null) continue
    const file = join(folder, `${name}.d.ts`)
    parts.push(`\n// ── otel-reasoning${subpath.slice(1)}\n`)
    const names = new Set(namesExportedBy(file))
    const texts = [...names].sort().map((exported) => {
      const text = find(file, exported)
      if (text === undefined) throw new Error(`${file} exports ${exported}, declared nowhere`)
      return text
    })
    parts.push(...texts)
    const ours = new Set([...parsed.values()].flatMap((each) => [...each.ours]))
    const unnamed = [...new Set(texts.join('\n').match(/\b[A-Z]\w+\b/g))]
      .filter((word) => ours.has(word) && !names.has(word))
      .sort()
    if (unnamed.length > 0) parts.push(`// used above but not exported: ${unnamed.join(', ')}`)
  }
  return `${parts.join('\n')}\n`
}
