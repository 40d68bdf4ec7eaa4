/** Every bet must be fair or worse while nothing is wrong: checked by adding up all outcomes of small ticks. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ABSOLUTE_EXPERTS,
  ABSOLUTE_PRIOR,
  absoluteIncrements,
  bernoulli,
  COLD_TICK_NATS,
  coldIncrements,
  type Counts,
  divergence,
  ODDS_PRIOR,
  relativeIncrements,
  FIRST_TICK_NATS,
  isBurst,
  LASTING_NATS,
  NEXT_TICK_NATS,
  type Past,
  TICK_NATS_MOST,
  timesOdds,
  worstRate,
} from './increments.ts'
import { EVIDENCE_WEIGHTS } from './options.ts'

const RATES = [0.0005, 0.005, 0.02, 0.1, 0.3, 0.6, 0.9, 0.99]
const FAIR = 1 + 1e-9
const singly = (rate: number) => ({ rate, clustering: 1 })

describe('a bet on errors relative to live', () => {
  it('is fair or worse at the tolerated odds and below, for every size of tick and rate, capped or not', () => {
    let largest = 0
    let checked = 0
    for (const [tolerated, past] of pairs([1, 1.2, 2], [singly(0.01), singly(1e9), { rate: 0.01, clustering: 3 }])) {
      for (const [candidateN, liveN] of pairs([1, 2, 3, 7, 15], [1, 2, 5, 18])) {
        for (const [rate, part] of pairs(RATES, [1, 0.5])) {
          const both = [binomials(candidateN, timesOdds(rate, tolerated * part)), binomials(liveN, rate)] as const
          const means = expectations(...both, (x, y) =>
            relativeIncrements({ n: candidateN, x }, { n: liveN, x: y }, tolerated, past),
          )
          largest = Math.max(largest, ...means)
          checked += means.length
        }
      }
    }
    assert.ok(largest <= FAIR, `the largest of ${checked} expectations is ${largest}`)
    assert.ok(largest > 0.99, 'and the bound is tight, so the bets are not just worthless')
  })

  it('does not move without errors or without one of the sides, and gains when only the candidate errs', () => {
    assert.deepEqual(relativeIncrements({ n: 50, x: 0 }, { n: 500, x: 0 }, 1.2, singly(0.01)), [0, 0, 0, 0, 0])
    const alone = relativeIncrements({ n: 50, x: 9 }, { n: 0, x: 0 }, 1.2, singly(0.01))
    assert.ok(
      alone.every((l) => Math.abs(l) < 1e-12),
      String(alone),
    )
    assert.ok(relativeIncrements({ n: 50, x: 3 }, { n: 450, x: 0 }, 1.2, singly(0.005)).every((l) => l > 0))
    assert.ok(relativeIncrements({ n: 50, x: 0 }, { n: 450, x: 5 }, 1.2, singly(0.005)).every((l) => l < 0))
  })

  it('takes a burst of any size in one tick for at most one error and a half', () => {
    const one = relativeIncrements({ n: 100, x: 1 }, { n: 900, x: 0 }, 1.2, singly(0))
    const burst = relativeIncrements({ n: 100, x: 100 }, { n: 900, x: 0 }, 1.2, singly(0))
    one.forEach((l, expert) => assert.ok(Math.abs((burst[expert] ?? 0) - Math.min(1.5 * l, 2.4)) < 1e-9))
  })
})

describe('a bet on a limit', () => {
  it('is fair or worse at the limit and below it', () => {
    let largest = 0
    for (const [n, limit] of pairs([1, 2, 5, 20, 60], [0.001, 0.02, 0.05, 0.5])) {
      for (const part of [1, 0.5, 0.1]) {
        const means = ABSOLUTE_EXPERTS.map((_, expert) =>
          binomials(n, limit * part).reduce(
            (sum, chance, x) => sum + chance * Math.exp(absoluteIncrements({ n, x }, limit, singly(0.01))[expert] ?? 0),
            0,
          ),
        )
        largest = Math.max(largest, ...means)
      }
    }
    assert.ok(largest <= FAIR && largest > 0.9, String(largest))
  })

  it('is fair or worse against "not good enough" at the limit and above it', () => {
    for (const [n, factor] of pairs([1, 5, 40], [0.5, 0.2, 0.02])) {
      for (const rate of [0.02, 0.05, 0.5]) {
        const mean = binomials(n, rate).reduce(
          (sum, chance, x) => sum + chance * Math.exp(bernoulli({ n, x }, factor * 0.02, 0.02)),
          0,
        )
        assert.ok(mean <= FAIR, `${n} requests at ${rate}: ${mean}`)
      }
    }
  })

  it('gains at most 1.5 nats, or one bad request and the usual ones, per tick', () => {
    const [least = 0, ...rest] = absoluteIncrements({ n: 1000, x: 1000 }, 0.02, singly(0))
    assert.equal(least, 1.5)
    assert.ok(rest.every((l) => l <= Math.log(50)))
  })
})

describe('live in the past', () => {
  it('may have been worse than it looked, the more so the less is known', () => {
    assert.equal(worstRate({ n: 0, x: 0 }), 1)
    const bounds = [100, 1000, 10_000, 1e6].map((n) => worstRate({ n, x: n * 0.01 }))
    bounds.forEach((bound, index) => {
      const n = [100, 1000, 10_000, 1e6][index] ?? 1
      assert.ok(bound > 0.01 && Math.abs(n * divergence(0.01, bound) - Math.log(1e4)) < 1e-3)
      assert.ok(index === 0 || bound < (bounds[index - 1] ?? 0))
    })
    assert.equal(worstRate({ n: 10, x: 10 }), 1)
  })
})

function pairs<A, B>(left: readonly A[], right: readonly B[]): readonly (readonly [A, B])[] {
  return left.flatMap((a) => right.map((b) => [a, b] as const))
}

/** Expected factor of each expert, given the chance of each number of errors on both sides. */
function expectations(
  ours: readonly number[],
  theirs: readonly number[],
  increments: (x: number, y: number) => readonly number[],
): readonly number[] {
  const sums: number[] = []
  ours.forEach((chanceX, x) => {
    theirs.forEach((chanceY, y) => {
      increments(x, y).forEach((l, expert) => {
        sums[expert] = (sums[expert] ?? 0) + chanceX * chanceY * Math.exp(l)
      })
    })
  })
  return sums
}

function binomials(n: number, p: number): readonly number[] {
  let chance = (1 - p) ** n
  return Array.from({ length: n + 1 }, (_, x) => {
    if (x > 0) chance *= ((n - x + 1) / x) * (p / (1 - p))
    return chance
  })
}

describe('a cold start', () => {
  const COLD = 0.15

  it('is no evidence: with up to the cold rate, or the limit where that is more, every bet is fair or worse', () => {
    for (const [n, limit] of pairs([1, 3, 10, 60], [0.001, 0.02, 0.15, 0.4])) {
      for (const part of [1, 0.5, 0.1]) {
        const chances = binomials(n, part * Math.max(limit, COLD))
        const means = ABSOLUTE_EXPERTS.map((_, expert) =>
          chances.reduce((sum, chance, x) => sum + chance * Math.exp(cold({ n, x }, limit)[expert]!), 0),
        )
        assert.ok(Math.max(...means) <= FAIR, `${n} requests, limit ${limit}: ${means}`)
      }
    }
  })

  it('is not what a candidate does that fails everything: three ticks are enough for a rollback, two are not', () => {
    const { relative, limit, slower, slow } = EVIDENCE_WEIGHTS
    for (const weight of [limit / (relative + limit), limit / (relative + limit + slower + slow)]) {
      const after = (ticks: number) =>
        weight *
        0.8 *
        cold({ n: 10, x: 10 }, 0.02).reduce((sum, l, j) => sum + ABSOLUTE_PRIOR[j]! * Math.exp(ticks * l), 0)
      assert.ok(after(3) >= 100, `${after(3)} after three ticks`)
      assert.ok(after(2) < 100, `${after(2)} after two`)
    }
  })

  const cold = (counts: Counts, limit: number) => coldIncrements(counts, limit, COLD, singly(0.005))
})

describe('one tick', () => {
  const besideLive = (past: Past) => relativeIncrements({ n: 1000, x: 1000 }, { n: 9000, x: 0 }, 1.2, past)
  const atLimit = (past: Past) => absoluteIncrements({ n: 1000, x: 1000 }, 0.001, past)

  it('tells at most 1.6 nats of a limit, whatever is usual at this traffic, and 3 while the candidate starts', () => {
    assert.equal(Math.max(...atLimit(singly(0.5))), TICK_NATS_MOST)
    const cold = coldIncrements({ n: 1000, x: 1000 }, 0.001, 0.15, singly(0.5))
    assert.equal(Math.max(...cold), COLD_TICK_NATS)
  })

  it('tells at most 2.4 nats against live where good ticks were before it, and 0.8 at once after a bad one', () => {
    assert.equal(Math.max(...besideLive(singly(0.5))), FIRST_TICK_NATS)
    for (const burstTicks of [1, 2]) {
      assert.equal(Math.max(...besideLive({ ...singly(0.5), burstTicks })), NEXT_TICK_NATS)
    }
  })

  it('tells at most 12 nats where three before it were as bad: what lasts so long is no burst', () => {
    for (const all of [besideLive, atLimit]) {
      assert.equal(Math.max(...all({ ...singly(0.005), burstTicks: 3 })), LASTING_NATS)
    }
  })

  it('may be a burst when it could tell more than it may', () => {
    assert.equal(isBurst({ n: 10, x: 10 }, 0.02), true)
    assert.equal(isBurst({ n: 100, x: 4 }, 0.02), false)
    assert.equal(isBurst({ n: 100, x: 0 }, 0.02), false)
  })

  it('is bet on with a whole stake, neither more nor less', () => {
    for (const prior of [ODDS_PRIOR, ABSOLUTE_PRIOR]) {
      assert.equal(prior.length, 5)
      assert.ok(Math.abs(prior.reduce((sum, share) => sum + share) - 1) < 1e-12)
    }
  })
})
