/** The name that was probably meant. */

/** Longer names are nobody's slip of the finger. */
const MAX_LENGTH = 40

/** Letters to change, to add, to leave out or to swap with their neighbour. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let above = Array.from({length: b.length + 1}, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + same,
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] as number) + 1)
      }
      row.push(least)
    }
    before = above
    above = row
  }
  return above[b.length] as number
}

/** The nearest of the names; nothing where none is near. A beginning of a name is near. */
export const nearest = (typed: string, names: readonly string[]): string | undefined => {
  const name = typed.toLowerCase()
  if (name === '' || name.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length * 0.45)) + 1
  for (const known of names) {
    const far = name.length > 1 && known.startsWith(name) ? 0.5 : distance(name, known)
    if (far >= least) continue
    least = far
    best = known
  }
  return best
}
