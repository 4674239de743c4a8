/** From how far a kind is ahead to how often it is right. */

/** A label that was given: how far ahead it was, whether it was right, how much it counts. */
export interface Outcome {
  readonly lead: number
  readonly isRight: boolean
  readonly weight: number
}

/** A logistic curve: natural logarithm of the odds at no lead, and how it grows by lead. */
export interface Curve {
  readonly atNoLead: number
  readonly byLead: number
}

function confidenceAt({atNoLead, byLead}: Curve, lead: number): number {
  return 1 / (1 + Math.exp(-(atNoLead + byLead * lead)))
}

const NEWTON_STEPS = 25

/** The curve that makes the outcomes most likely. */
export function fitCurve(outcomes: readonly Outcome[]): Curve {
  let atNoLead = 0
  let byLead = 0
  for (let step = 0; step < NEWTON_STEPS; step += 1) {
    // Slopes and curvatures of the likelihood by the two numbers.
    let s0 = 0
    let s1 = 0
    let c00 = 0
    let c01 = 0
    let c11 = 0
    for (const {lead, isRight, weight} of outcomes) {
      const chance = confidenceAt({atNoLead, byLead}, lead)
      const error = weight * ((isRight ? 1 : 0) - chance)
      const spread = weight * chance * (1 - chance)
      s0 += error
      s1 += error * lead
      c00 += spread
      c01 += spread * lead
      c11 += spread * lead * lead
    }
    const determinant = c00 * c11 - c01 * c01
    if (!(determinant > 0)) break
    atNoLead += (c11 * s0 - c01 * s1) / determinant
    byLead += (c00 * s1 - c01 * s0) / determinant
  }
  return {atNoLead, byLead}
}

/** Labels of about the same confidence, and the share of them that was right. */
export interface Band {
  readonly from: number
  readonly labels: number
  readonly confidence: number
  readonly right: number
}

/** Bands of a tenth; the first holds all under 0.4. */
export function bandsOf(curve: Curve, outcomes: readonly Outcome[]): Band[] {
  return [0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((from, i, all) => {
    const to = all[i + 1] ?? 1.01
    const own = outcomes
      .map(({lead, isRight}) => ({confidence: confidenceAt(curve, lead), isRight}))
      .filter(({confidence}) => confidence >= from && confidence < to)
    return {
      from,
      labels: own.length,
      confidence: own.reduce((sum, {confidence}) => sum + confidence, 0) / own.length,
      right: own.filter(({isRight}) => isRight).length / own.length,
    }
  })
}
