/** Values that a text or a call's arguments name exactly: ids, files, addresses, numbers, dates. */

export type LiteralType = 'file' | 'url' | 'email' | 'date' | 'id' | 'number'

export interface Literal {
  readonly type: LiteralType
  /** As it is written. */
  readonly text: string
  /** By which it is compared: `1,250.00` is `1250`, `R-771` is `r771`. */
  readonly value: string
  readonly index: number
}

const PATTERN =
  /(?<email>[\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{1,20}){1,4})|(?<url>https?:\/\/[^\s"'`<>)\]},]{3,200})|(?<date>\b\d{4}-\d{2}-\d{2}\b)|(?<file>(?:[\w.~-]{1,60}\/){0,10}[\w~-][\w.~-]{0,60}\.(?:py|js|mjs|ts|tsx|jsx|json|md|txt|csv|html?|css|c|h|cpp|rs|go|java|rb|sh|ya?ml|toml|xml|pdf|docx?|xlsx?|png|jpe?g|zip|gz|enc|pub|pem|log|sql|ini|cfg|ipynb|img|pcap|bin|tex|lock|env|conf|pl)\b)|(?<id>\b(?=[\w-]{0,30}\d)(?=[\w-]{0,30}[A-Za-z])[A-Za-z0-9]{1,20}(?:[-_][A-Za-z0-9]{1,20}){0,5}\b|\b\d{5,16}\b)|(?<number>(?<![\w.-])\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?(?![\w-])|(?<![\w.-])\d{1,9}(?:\.\d{1,6})?(?![\w-]))/gu

/** Ordinals, times, sizes: "21st", "3am", "10px" name nothing. */
const NO_ID =
  /^(?:\d{1,4}(?:st|nd|rd|th|am|pm|h|s|m|d|x|k|kb|mb|gb|px|ms|min|hrs?|days?|usd|eur|w|e\d+)|[a-z]{1,2}\d{1,2}|v\d+|gpt-?\d\w*)$/i

/** All of them, in order; no more than `max`. */
export function literalsIn(text: string, max = 200): Literal[] {
  const found: Literal[] = []
  for (const match of text.matchAll(PATTERN)) {
    const {email, url, date, file, id} = match.groups ?? {}
    const written = (match[0] ?? '').replace(/[.,;:]+$/, '')
    if (id !== undefined && NO_ID.test(id)) continue
    const type: LiteralType =
      email !== undefined
        ? 'email'
        : url !== undefined
          ? 'url'
          : date !== undefined
            ? 'date'
            : file !== undefined
              ? 'file'
              : id !== undefined
                ? 'id'
                : 'number'
    found.push({type, text: written, value: valueOf(type, written), index: match.index})
    if (found.length === max) break
  }
  return found
}

function valueOf(type: LiteralType, written: string): string {
  if (type === 'number') return String(Number(written.replaceAll(',', '')))
  if (type === 'id') return written.toLowerCase().replaceAll(/[-_]/g, '')
  if (type === 'file') return written.toLowerCase().replace(/^\.\//, '')
  return written.toLowerCase().replace(/\/$/, '')
}

/** `R-771` and `R-717` are of one shape, `R-771` and `HAT030` are not. */
export const shapeOf = ({text}: Literal): string =>
  text
    .replaceAll(/[a-z]+/g, 'a')
    .replaceAll(/[A-Z]+/g, 'A')
    .replaceAll(/\d/g, '0')
