/**
 * Wealth of a gambler who bets, tick by tick, against "the candidate is not worse". Every bet is fair or worse for the
 * gambler while that holds, so by Ville's inequality (1939) the chance that the wealth ever reaches 1/α is at most α,
 * however often one looks. It is bet on several sizes of a regression at once, and on every moment it could begin at
 * (Shiryaev's geometric prior): money in reserve has not been bet yet.
 */

export type Wealth = {
  /** Not bet yet; 1 at the start. */
  readonly reserve: number
  /** One per expert, that is per size of regression bet on. */
  readonly bets: readonly number[]
}

/** Share of the reserve bet at the very first tick, and of what is left of it at each later one. */
export type Onset = { readonly first: number; readonly hazard: number }

/** Everything is bet at once: for claims that have no beginning, such as "is good enough". */
export const AT_ONCE: Onset = { first: 1, hazard: 0 }

const EXPONENT_MAX = 600
const BET_MIN = 1e-200
const BET_MAX = 1e250

export function initialWealth(experts: number): Wealth {
  return { reserve: 1, bets: Array.from({ length: experts }, () => 0) }
}

/** After a tick in which expert j's bet multiplies by `exp(exponents[j])`; `prior` sums to 1 over the experts. */
export function bet(wealth: Wealth, exponents: readonly number[], prior: readonly number[], onset: Onset): Wealth {
  const stake = wealth.reserve === 1 ? onset.first : onset.hazard * wealth.reserve
  const bets = wealth.bets.slice()
  for (let expert = 0; expert < bets.length; expert++) {
    const exponent = exponents[expert] ?? 0
    const factor = exponent === 0 ? 1 : Math.exp(Math.min(EXPONENT_MAX, exponent))
    bets[expert] = bounded((bets[expert]! + (prior[expert] ?? 0) * stake) * factor)
  }
  return { reserve: wealth.reserve - stake, bets }
}

/** The evidence: 1 at the start, at least 1/α with a probability of at most α as long as nothing is wrong. */
export function evidence({ reserve, bets }: Wealth): number {
  let sum = reserve
  for (let expert = 0; expert < bets.length; expert++) sum += bets[expert]!
  return sum
}

export function uniform(experts: number): readonly number[] {
  return Array.from({ length: experts }, () => 1 / experts)
}

/** What is not a number is no evidence. */
function bounded(held: number): number {
  return held >= BET_MIN ? Math.min(BET_MAX, held) : 0
}
