/** Text without what it quotes: what a person said, a file holds, a rule reads. */

const QUOTED =
  /"[^"\n]{1,400}"|“[^”\n]{1,400}”|«[^»\n]{1,400}»|「[^」\n]{1,400}」|`[^`\n]{1,400}`|(?<![\p{L}\p{N}])'[^'\n]{2,400}'(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])‘[^’\n]{2,400}’(?![\p{L}\p{N}])/gu

/**
 * The same text, as long as before, with spaces in place of every quotation.
 *
 * @param withCode keep what stands in backticks, which then is code and no quotation
 */
export const withoutQuotes = (text: string, withCode = false): string =>
  text.replaceAll(QUOTED, (quoted) =>
    withCode && quoted.startsWith('`') ? quoted : ' '.repeat(quoted.length),
  )

/** What a text quotes. */
export const quotesIn = (text: string): string[] =>
  [...text.matchAll(QUOTED)].map(([quoted]) => quoted.slice(1, -1))
