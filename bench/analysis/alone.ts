/**
 * The comparison with live by itself, at the whole α, looked at after every request and without a warm-up: what it takes
 * beside the bound is the price of not knowing the size of the regression, and nothing else.
 */
import { ODDS_PRIOR, relativeIncrements } from '../../src/core/analysis/sequential/increments.ts'
import { AT_ONCE, bet, evidence, initialWealth } from '../../src/core/analysis/sequential/wealth.ts'
import { type Random, randomOf } from '../../src/core/random.ts'
import { binomial } from '../../src/testing/fake-metrics.ts'
import { ALPHA } from './wald.ts'

/** Mean requests of the candidate until the evidence is 1/α, with nine of live's beside each. */
export function requestsAlone(
  baseline: number,
  worse: number,
  tolerated: number,
  { runs = 1000, seed = 1 } = {},
): number {
  let sum = 0
  for (let run = 0; run < runs; run++) sum += untilShown(randomOf(seed + run), baseline, worse, tolerated)
  return sum / runs
}

function untilShown(random: Random, baseline: number, worse: number, tolerated: number): number {
  const past = { rate: baseline, clustering: 1 }
  let wealth = initialWealth(ODDS_PRIOR.length)
  let requests = 0
  while (evidence(wealth) < 1 / ALPHA) {
    requests += 1
    const [candidate, live] = [binomial(random, 1, worse), binomial(random, 9, baseline)]
    if (candidate + live === 0) continue
    const told = relativeIncrements({ n: 1, x: candidate }, { n: 9, x: live }, tolerated, past)
    wealth = bet(wealth, told, ODDS_PRIOR, AT_ONCE)
  }
  return requests
}
