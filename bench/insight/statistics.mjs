/** Intervals of 95 %. */

const Z = 1.96

/** Wilson's interval of a share. */
export function wilson(hits, count) {
  if (count === 0) return [0, 1]
  const p = hits / count
  const z2 = Z * Z
  const centre = (p + z2 / (2 * count)) / (1 + z2 / count)
  const half = (Z / (1 + z2 / count)) * Math.sqrt((p * (1 - p)) / count + z2 / (4 * count * count))
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}

/** Bootstrap interval of `summarise(sample)`, over samples with replacement; seeded. */
export function bootstrap(rows, summarise, draws = 1000) {
  let state = 12345
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const values = []
  for (let draw = 0; draw < draws; draw += 1) {
    const value = summarise(rows.map(() => rows[Math.floor(random() * rows.length)]))
    if (Number.isFinite(value)) values.push(value)
  }
  values.sort((a, b) => a - b)
  return [values[Math.floor(values.length * 0.025)], values[Math.floor(values.length * 0.975)]]
}
