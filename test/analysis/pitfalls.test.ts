/** Mistakes that cost whole classes of false or missed rollbacks when the method was designed; each failed here once. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ABSOLUTE_EXPERTS, absoluteIncrements, timesOdds } from '../../src/core/analysis/sequential/increments.ts'
import { bet, evidence, initialWealth, uniform } from '../../src/core/analysis/sequential/wealth.ts'
import { randomOf } from '../../src/core/random.ts'
import { binomial } from '../../src/testing/fake-metrics.ts'
import { stoppedAt } from '../../bench/analysis/play.ts'
import { sequential } from '../../bench/analysis/stellwerk.ts'
import { streamOf } from '../../bench/analysis/streams.ts'
import { many, STAGED, type World } from '../../bench/analysis/world.ts'

const rate = 0.005
const WORLD: World = {
  group: 'healthy',
  name: 'a pitfall',
  rps: 20,
  baseline: rate,
  weights: many(360, 10),
  onset: null,
  worse: 1,
  timed: false,
  release: () => () => ({ live: { rate }, candidate: { rate } }),
}

/** How many of the releases go back; `seen` is what is counted of what was drawn. */
function startRollback(world: World, releases: number, seen = (stream: ReturnType<typeof streamOf>) => stream): number {
  let back = 0
  for (let seed = 90_001; seed <= 90_000 + releases; seed++) {
    const stream = seen(streamOf(world, seed))
    if (stoppedAt(sequential, world, stream) < stream.length) back += 1
  }
  return back
}

describe('what a burst is worth', () => {
  it('follows what live does, not what the limit allows: errors of a whole tick, alone at 100 %, roll nothing back', () => {
    const burst: World['release'] = (random) => {
      const at = 360 + Math.floor(300 * random())
      return (tick) => ({ live: { rate }, candidate: { rate: tick === at ? 0.9 : rate } })
    }
    assert.equal(startRollback({ ...WORLD, weights: STAGED, release: burst }, 20), 0)
    const [, , , , largest] = absoluteIncrements({ n: 100, x: 90 }, 0.02, { rate, clustering: 1 })
    const oneError = Math.log(timesOdds(0.02, ABSOLUTE_EXPERTS[4]) / 0.02)
    assert.ok(largest! <= 2 * oneError + 1e-9, `${largest} nats for a tick in which live has half an error`)
  })

  it('is enough in the long run to find what is only just above the limit', () => {
    let found = 0
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomOf(seed)
      let wealth = initialWealth(5)
      for (let tick = 0; tick < 240; tick++) {
        const counts = { n: 50, x: binomial(random, 50, 0.08) }
        const exponents = absoluteIncrements(counts, 0.05, { rate: 0.002, clustering: 1 })
        wealth = bet(wealth, exponents, uniform(5), { first: 0.8, hazard: 1 / 720 })
      }
      if (evidence(wealth) >= 500) found += 1
    }
    assert.ok(found >= 48, `${found} of 50 found 8 % slow ones against a limit of 5 %`)
  })
})

describe('a candidate that just starts', () => {
  const starting = (cold: number): World['release'] => {
    return () => (tick) => ({ live: { rate }, candidate: { rate: tick < 12 ? cold : rate } })
  }

  it('is not rolled back for 14 % errors in its first minute, and is for failing nearly everything', () => {
    assert.ok(startRollback({ ...WORLD, weights: many(60, 10), release: starting(0.14) }, 60) <= 2)
    assert.equal(startRollback({ ...WORLD, weights: many(6, 10), release: starting(0.9) }, 20), 20)
  })
})

describe('users who stay on their side', () => {
  it('make one side truly worse by chance: up to 1.5 times the errors are tolerated where the router keeps them', () => {
    const worse: World['release'] = () => (tick) => ({ live: { rate }, candidate: { rate: tick < 0 ? rate : 0.0075 } })
    const world = { ...WORLD, rps: 200, weights: many(720, 10), release: worse }
    const [declared, unknown] = [startRollback({ ...world, sticky: true }, 12), startRollback(world, 12)]
    assert.ok(declared === 0 && unknown >= 3, `${declared} and ${unknown} of 12`)
  })
})

describe('an outage that both sides share', () => {
  it('is gated by live before the tick, so little traffic does not let the candidate be the first to suffer', () => {
    const outage: World['release'] = () => (tick) => {
      const now = { rate: tick >= 120 && tick < 192 ? 0.08 : rate }
      return { live: now, candidate: now }
    }
    assert.ok(startRollback({ ...WORLD, rps: 5, release: outage }, 40) <= 1)
  })

  it('is compared tick by tick: sums over a ramp with drift would show a difference that no tick has', () => {
    const drift: World['release'] = () => (tick) => {
      const now = { rate: 0.002 + 0.01 * Math.min(1, Math.max(0, tick / 360)) }
      return { live: now, candidate: now }
    }
    const weights = [...many(120, 10), ...many(120, 50), ...many(120, 90)]
    const world = { ...WORLD, weights, release: drift }
    assert.equal(startRollback(world, 20), 0)
    const totals = { live: { requests: 0, errors: 0 }, candidate: { requests: 0, errors: 0 } }
    for (const { live, candidate, weight } of streamOf(world, 1)) {
      if (weight === 0) continue
      for (const [side, counts] of Object.entries({ live, candidate })) {
        totals[side as 'live'].requests += counts.requests
        totals[side as 'live'].errors += counts.errors
      }
    }
    const rates = [totals.candidate, totals.live].map(({ requests, errors }) => errors / requests)
    assert.ok(rates[0]! > 1.3 * rates[1]!, `the sums differ by ${rates[0]! / rates[1]!}`)
  })
})

describe('the share of traffic', () => {
  it('is the one that was counted: 13 % of the requests at a weight of 10 % roll nothing back', () => {
    const set = (stream: ReturnType<typeof streamOf>) =>
      stream.map((tick) => ({ ...tick, weight: tick.weight === 13 ? 10 : tick.weight }))
    assert.equal(startRollback({ ...WORLD, weights: many(360, 13) }, 20, set), 0)
  })
})
