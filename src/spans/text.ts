/** Cutting text to bytes of UTF-8 between code points, as backends count and truncate it. */

/** Bytes of `text` from `start` that fit: the end offset, never inside a surrogate pair. */
function fittingEnd(text: string, start: number, end: number, maxBytes: number): number {
  // No UTF-16 unit takes more than three bytes, so short text needs no count.
  if ((end - start) * 3 <= maxBytes) return end
  let bytes = 0
  let at = start
  while (at < end) {
    const code = text.charCodeAt(at)
    let width = 1
    let size = code < 0x80 ? 1 : code < 0x800 ? 2 : 3
    if (code >= 0xd800 && code <= 0xdbff && at + 1 < end) {
      const next = text.charCodeAt(at + 1)
      if (next >= 0xdc00 && next <= 0xdfff) {
        width = 2
        size = 4
      }
    }
    if (bytes + size > maxBytes) return at
    bytes += size
    at += width
  }
  return end
}

/** `text` cut to `maxBytes` bytes of UTF-8 and, where given, to `maxLength` UTF-16 code units. */
export function cutText(
  text: string,
  start: number,
  end: number,
  maxBytes: number,
  maxLength: number = Infinity,
): string {
  let cut = fittingEnd(text, start, end, maxBytes)
  if (cut - start > maxLength) {
    cut = start + maxLength
    const code = text.charCodeAt(cut - 1)
    // A lone half of a pair becomes U+FFFD on the wire.
    if (code >= 0xd800 && code <= 0xdbff) cut -= 1
  }
  return start === 0 && cut === text.length ? text : text.slice(start, cut)
}

/** Pieces of at most `maxBytes` each and `maxTotalBytes` in all. */
export function chunkText(
  text: string,
  start: number,
  end: number,
  maxBytes: number,
  maxTotalBytes: number,
): string[] {
  const chunks: string[] = []
  const totalEnd = fittingEnd(text, start, end, maxTotalBytes)
  let at = start
  while (at < totalEnd) {
    const next = fittingEnd(text, at, totalEnd, maxBytes)
    if (next === at) break
    chunks.push(text.slice(at, next))
    at = next
  }
  return chunks
}
