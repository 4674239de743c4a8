/** The pieces of a known text by which it is found. */

/** A piece of a known text that looks the same however it is escaped. */
export interface Probe {
  readonly piece: string
  /** Where in the known text the piece starts, and where it ends. */
  readonly from: number
  readonly to: number
}

/** How far from `offset` a probe is looked for. */
export const PROBE_REACH = 256

const PLAIN = /[A-Za-z0-9][A-Za-z0-9 ,.;:()-]{7,31}/
/** Where there is nothing of the kind: a piece without what every notation escapes. */
const UNQUOTED = /[^\s"'\\/<>&]{3,16}/

const hex = (piece: string, slashes: string): string =>
  piece.replace(
    /[\u0080-\uffff]/g,
    (unit) => `${slashes}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const upperHex = (escaped: string): string =>
  escaped.replace(/u[0-9a-f]{4}/g, (unit) => `u${unit.slice(1).toUpperCase()}`)

/**
 * The first piece behind `offset`, once for each way to write it.
 *
 * @returns none where nothing there would be found again
 */
export function probesAt(text: string, offset: number): readonly Probe[] {
  const stretch = text.slice(offset, offset + PROBE_REACH)
  const match = PLAIN.exec(stretch) ?? UNQUOTED.exec(stretch)
  if (match === null) return []
  const piece = match[0]
  const from = offset + match.index
  const probe = (one: string): Probe => ({piece: one, from, to: from + piece.length})
  const escaped = hex(piece, '\\')
  if (escaped === piece) return [probe(piece)]
  const doubled = hex(piece, '\\\\')
  return [piece, escaped, upperHex(escaped), doubled, upperHex(doubled)].map(probe)
}
