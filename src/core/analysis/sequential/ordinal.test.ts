import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomFrom, normal } from '../../../testing/fake-metrics.ts'
import { bucketOf } from '../../histogram.ts'
import type { Histogram } from '../../observed.ts'
import { pack } from '../packed.ts'
import { normalScore } from './normal.ts'
import { binCounts, type Bins, binsOf, slackBuckets } from './bins.ts'
import { type Expert, ORDINAL_PRIOR, ordinalExperts, ordinalIncrements, ordinalIncrementsAlone } from './ordinal.ts'

const SCALE = { base: 1.02, unitMs: 0.1 }
const REFERENCE = lognormal(20_000, 1)
const BINS = binsOf(pack(REFERENCE, Number.POSITIVE_INFINITY))!

describe('bins of live', () => {
  it('are 15 with the tail cut fine, and hold everything', () => {
    assert.equal(BINS.masses.length, 15)
    assert.ok(Math.abs(BINS.masses.reduce((sum, mass) => sum + mass, 0) - 1) < 1e-9)
    assert.ok(Math.abs(BINS.masses.slice(11).reduce((sum, mass) => sum + mass, 0) - 0.05) < 0.015)
    assert.deepEqual(
      binCounts(REFERENCE, BINS, 0),
      BINS.masses.map((mass) => Math.round(mass * 20_000)),
    )
  })

  it('are not made of fewer than 1 000 requests', () => {
    assert.equal(binsOf(pack(lognormal(999, 1), Number.POSITIVE_INFINITY)), null)
    assert.notEqual(binsOf(pack(lognormal(1000, 1), Number.POSITIVE_INFINITY)), null)
    assert.equal(binsOf(''), null)
  })

  it('forgive whole buckets, at least the tolerance', () => {
    assert.deepEqual(
      [0, 0.1, 0.2].map((tolerance) => slackBuckets(1.02, tolerance)),
      [0, 5, 10],
    )
    const slower = lognormal(20_000, 1.02 ** 5)
    assert.deepEqual(binCounts(slower, BINS, 5), binCounts(REFERENCE, BINS, 0))
  })
})

describe('a bet on latency', () => {
  it('has rising ratios, a prior that sums to 1, and a mean ratio of 1 over live', () => {
    const experts = ordinalExperts(BINS)
    assert.equal(experts.length, ORDINAL_PRIOR.length)
    assert.ok(Math.abs(ORDINAL_PRIOR.reduce((sum, prior) => sum + prior, 0) - 1) < 1e-12)
    for (const ratios of experts.map(perBin)) {
      assert.equal(ratios.length, 15)
      ratios.forEach((ratio, bin) => assert.ok(ratio >= (ratios[bin - 1] ?? 0) - 1e-12 && ratio > 0))
      const mean = ratios.reduce((sum, ratio, bin) => sum + ratio * (BINS.masses[bin] ?? 0), 0)
      assert.ok(Math.abs(mean - 1) < 1e-9, String(mean))
    }
  })

  it('is fair or worse for every small tick while the candidate is not slower, whatever the distribution', () => {
    const coarse: Bins = { edges: [1, 2], masses: [0.5, 0.3, 0.2] }
    const experts = [
      [0.5, 1.2, 1.95],
      [0.8, 0.8, 1.8],
      ...[0.2, 0.8, 1.6].map((beta) => coarse.masses.map((_, bin) => Math.exp(beta * (bin - 1)))),
    ].map(expertOf)
    let largest = 0
    for (const live of [coarse.masses, [0.1, 0.1, 0.8], [0.98, 0.01, 0.01]]) {
      for (const candidate of [live, faster(live, 0.3), faster(live, 0.9)]) {
        for (const [candidateN, liveN] of [
          [1, 1],
          [1, 5],
          [3, 4],
          [5, 2],
        ] as const) {
          largest = Math.max(largest, ...expectations(outcomes(candidate, candidateN), outcomes(live, liveN), experts))
        }
      }
    }
    assert.ok(largest <= 1 + 1e-9 && largest > 0.999, String(largest))
  })

  it('comes to what the formula says, however the candidate is sorted', () => {
    const random = randomFrom(7)
    const tick = (n: number) => BINS.masses.map((mass) => Math.floor(2 * n * mass * random() + random()))
    const experts = ordinalExperts(BINS)
    for (let round = 0; round < 200; round++) {
      const [live, strict] = [tick(10 ** (4 * random())), tick(10 ** (3 * random()))]
      const tolerant = [strict[0]! + strict[1]!, ...strict.slice(2), 0]
      const won = ordinalIncrements({ tolerant, strict }, live, experts)
      experts.forEach((expert, index) => {
        same(won.tolerant[index]!, byFormula(tolerant, live, perBin(expert)))
        same(won.strict[index]!, byFormula(strict, live, perBin(expert)))
      })
    }
  })

  it('comes to what the formula says where live is gone', () => {
    const past = binCounts(REFERENCE, BINS, 0)
    const experts = ordinalExperts(BINS)
    for (const slowness of [0.9, 1, 1.3]) {
      const candidate = binCounts(lognormal(300, slowness), BINS, 5)
      const won = ordinalIncrementsAlone(candidate, past, experts)
      experts.forEach((expert, index) => same(won[index]!, aloneByFormula(candidate, past, perBin(expert))))
    }
  })

  it('gains on a shift and on a heavier tail, and loses when the candidate is as live was', () => {
    const experts = ordinalExperts(BINS)
    const gain = (candidate: Histogram) =>
      Math.max(...strictly(binCounts(candidate, BINS, 0), binCounts(REFERENCE, BINS, 0), experts))
    assert.ok(gain(lognormal(400, 1.2)) > 5)
    assert.ok(gain(mixed(lognormal(380, 1), lognormal(40, 4))) > 5)
    assert.ok(gain(lognormal(400, 1)) < 2)
    assert.ok(gain(lognormal(400, 0.8)) < 0)
    assert.deepEqual(
      strictly(
        binCounts(REFERENCE, BINS, 0),
        BINS.masses.map(() => 0),
        experts,
      ),
      experts.map(() => 0),
    )
  })

  it('holds against the past where live is gone, and bets nothing on a past of fewer than 1 000', () => {
    const experts = ordinalExperts(BINS)
    const past = binCounts(REFERENCE, BINS, 0)
    const gain = (slowness: number, slack: number) =>
      Math.max(...ordinalIncrementsAlone(binCounts(lognormal(400, slowness), BINS, slack), past, experts))
    assert.ok(gain(1.5, 10) > 5)
    assert.ok(gain(1.1, 10) < 1)
    const little = past.map((count) => Math.floor(count / 30))
    assert.deepEqual(
      ordinalIncrementsAlone(past, little, experts),
      experts.map(() => 0),
    )
  })
})

describe('the normal score', () => {
  it('is the quantile of the normal distribution', () => {
    const known = [
      [0.5, 0],
      [0.975, 1.959963985],
      [0.99, 2.326347874],
      [0.001, -3.090232306],
      [1e-9, -5.997807015],
    ] as const
    for (const [p, score] of known) assert.ok(Math.abs(normalScore(p) - score) < 1e-7, `${p}: ${normalScore(p)}`)
  })
})

function lognormal(count: number, slowness: number): Histogram {
  const random = randomFrom(9)
  const counts: Record<string, number> = {}
  for (let drawn = 0; drawn < count; drawn++) {
    const base = bucketOf(SCALE, 120 * Math.exp(0.5 * normal(random)))
    const bucket = base + Math.round(Math.log(slowness) / Math.log(SCALE.base))
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return { ...SCALE, counts }
}

function mixed(left: Histogram, right: Histogram): Histogram {
  const counts = { ...left.counts }
  for (const [bucket, count] of Object.entries(right.counts)) counts[bucket] = (counts[bucket] ?? 0) + count
  return { ...SCALE, counts }
}

/** An expert that bets on every bin by itself. */
function expertOf(ratios: readonly number[]): Expert {
  return { ends: ratios.map((_, bin) => bin + 1), ratios, logs: ratios.map((ratio) => Math.log(ratio)) }
}

/** Density ratio of each bin. */
function perBin({ ends, ratios }: Expert): readonly number[] {
  return ratios.flatMap((ratio, group) => Array.from({ length: ends[group]! - (ends[group - 1] ?? 0) }, () => ratio))
}

function strictly(candidate: readonly number[], live: readonly number[], experts: readonly Expert[]) {
  return ordinalIncrements({ tolerant: candidate, strict: candidate }, live, experts).strict
}

/** Log-likelihood ratio of who of both had each request, given its bin: the definition, bin by bin. */
function byFormula(candidate: readonly number[], live: readonly number[], ratios: readonly number[]): number {
  const [ours, theirs] = [sum(candidate), sum(live)]
  const share = ours / (ours + theirs)
  if (ours === 0 || theirs === 0) return 0
  return sum(
    ratios.map((ratio, bin) => {
      const mean = 1 + share * (ratio - 1)
      return candidate[bin]! * Math.log(ratio / mean) - live[bin]! * Math.log(mean)
    }),
  )
}

function aloneByFormula(candidate: readonly number[], past: readonly number[], ratios: readonly number[]): number {
  const n = sum(past)
  const mean = sum(past.map((count, bin) => count * ratios[bin]!)) / n
  const variance = sum(past.map((count, bin) => count * (ratios[bin]! - mean) ** 2)) / n
  const worst = mean + 3 * Math.sqrt(variance / n)
  return sum(candidate.map((count, bin) => count * Math.log(ratios[bin]! / worst)))
}

function same(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected)), `${actual}, not ${expected}`)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Moves `part` of the slowest bin's mass to the fastest: never slower than before. */
function faster(masses: readonly number[], part: number): readonly number[] {
  const [first = 0, middle = 0, last = 0] = masses
  return [first + part * last, middle, last * (1 - part)]
}

/** Expected factor of each expert over all ways in which the requests of one tick fall into three bins. */
function expectations(ours: Outcomes, theirs: Outcomes, experts: readonly Expert[]): readonly number[] {
  const sums = experts.map(() => 0)
  for (const [candidate, chance] of ours) {
    for (const [live, other] of theirs) {
      strictly(candidate, live, experts).forEach((l, expert) => {
        sums[expert] = (sums[expert] ?? 0) + chance * other * Math.exp(l)
      })
    }
  }
  return sums
}

type Outcomes = readonly (readonly [counts: readonly number[], chance: number])[]

function outcomes(masses: readonly number[], n: number): Outcomes {
  if (n === 0) return [[masses.map(() => 0), 1]]
  return outcomes(masses, n - 1).flatMap(([counts, chance]) =>
    masses.map((mass, bin) => [counts.with(bin, (counts[bin] ?? 0) + 1), chance * mass] as const),
  )
}
