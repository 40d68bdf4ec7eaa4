import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { binomial, normal, poisson, randomFrom } from '../../../testing/fake-metrics.ts'
import { beginning, filtered, suppositions } from './filter.ts'
import { ODDS_EXPERTS } from './increments.ts'
import type { Row } from './state.ts'
import { courseOf, learned, NEVER_SEEN } from './wander.ts'

const FLOOR = 0.001
const ROWS = 24

/** What is learned of a live side of so many ticks, 100 requests each, whose rate wanders. */
function seen(ticks: number, { spread = 0, forgetsTicks = 18, rate = 0.005, seed = 1, requests = 100 } = {}) {
  const random = randomFrom(seed)
  const keep = Math.exp(-1 / forgetsTicks)
  const recent: Row[] = []
  let [noise, wandering, past] = [normal(random), NEVER_SEEN, { n: 0, x: 0 }]
  for (let tick = 0; tick < ticks; tick++) {
    noise = keep * noise + Math.sqrt(1 - keep * keep) * normal(random)
    const n = poisson(random, requests)
    const x = binomial(random, n, rate * Math.exp(spread * noise))
    wandering = learned(wandering, recent, { n, x }, 5000)
    recent.push([n, x, 0, 0])
    if (recent.length > ROWS) recent.shift()
    past = { n: past.n + n, x: past.x + x }
  }
  return { past, wandering }
}

function course(ticks: number, how: Parameters<typeof seen>[1] = {}) {
  const { past, wandering } = seen(ticks, how)
  return courseOf(past, wandering, FLOOR)
}

describe('how far a rate wanders', () => {
  it('is learned from how the errors of ticks go together that lie apart', () => {
    const spreads = (spread: number) => [1, 2, 3, 4, 5].map((seed) => course(720, { spread, seed }).spread)
    for (const still of spreads(0)) assert.ok(still < 0.35, `${still}`)
    for (const wild of spreads(0.8)) assert.ok(wild > 0.55 && wild < 1.1, `${wild}`)
  })

  it('is not known of a live side seen for less than ten minutes, or with hardly an error', () => {
    assert.equal(course(119, { spread: 0.8 }).known, false)
    assert.equal(course(240, { spread: 0.8 }).known, true)
    assert.equal(course(240, { requests: 3 }).known, false)
  })

  it('needs not be known of rates that nothing goes back for', () => {
    assert.deepEqual(courseOf({ n: 100_000, x: 10 }, NEVER_SEEN, FLOOR).known, true)
  })
})

describe('errors held against a rate that wanders', () => {
  const wild = { rate: 0.005, spread: 0.8, forgets: 1 / 18, known: true }
  const calm = { ...wild, spread: 0.1 }
  const levels = (each: typeof wild) => suppositions(each, FLOOR, ODDS_EXPERTS)

  /** Nats of the best expert after so many ticks with these errors of 100 requests. */
  function nats(each: typeof wild, errors: readonly number[]): number {
    let beliefs = beginning(levels(each))
    const sums = ODDS_EXPERTS.map(() => 0)
    for (const x of errors) {
      const next = filtered(beliefs, levels(each), { n: 100, x }, each.forgets)
      beliefs = next.beliefs
      for (const [index, told] of next.nats.entries()) sums[index]! += told
    }
    return Math.max(...sums)
  }
  const many = (ticks: number, x: number) => Array.from({ length: ticks }, () => x)

  it('[R-E03] tell little as long as they may be a high of it, and more with every minute that it does not end', () => {
    const minute = nats(wild, many(12, 2))
    const hour = nats(wild, many(360, 2))
    assert.ok(minute < 2.5 && hour > 10, `${minute} ${hour}`)
    assert.ok(nats(calm, many(12, 3)) > 8)
    assert.ok(nats(wild, many(3, 100)) > 100, 'a total failure is no high')
  })

  it('are a fair bet: over all outcomes of a tick no expert gains on average', () => {
    const all = levels(wild)
    let beliefs = beginning(all)
    for (const x of [0, 2, 5, 0, 1]) {
      const prior = beliefs
      const [own] = all
      const gains = ODDS_EXPERTS.map(() => 0)
      for (let seen = 0; seen <= 60; seen++) {
        const { nats: told } = filtered(prior, all, { n: 60, x: seen }, wild.forgets)
        const chance = likelihood(prior[0]!, own!, { n: 60, x: seen }, wild.forgets)
        for (const [index, each] of told.entries()) gains[index]! += chance * Math.exp(each)
      }
      for (const gain of gains) assert.ok(Math.abs(gain - 1) < 1e-3, `${gain}`)
      beliefs = filtered(beliefs, all, { n: 60, x }, wild.forgets).beliefs
    }
  })
})

/** Of exactly this outcome under the first supposition. */
function likelihood(
  belief: readonly number[],
  levels: ReturnType<typeof suppositions>[number],
  { n, x }: { n: number; x: number },
  forgets: number,
): number {
  const sure = { bad: levels.bad.map(() => 0), good: levels.good.map(() => 0) }
  const { nats } = filtered([belief, belief], [sure, levels], { n, x }, forgets)
  let ways = 0
  for (let index = 0; index < x; index++) ways += Math.log((n - index) / (x - index))
  return Math.exp(nats[0]! + ways)
}
