import { english } from '../../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { T0, tick as tickOf } from '../fixture.ts'
import { after } from '../../time.ts'
import { evidenceOf } from './evidence.ts'
import { ERRORS_ONLY, many, type Scenario, type SideNow, STAGED, share, simulate } from '../../../testing/releases.ts'
import { foldSequential } from './fold.ts'
import { judgeSequential, rungOf } from './judge.ts'
import { SEQUENTIAL_DEFAULTS } from './options.ts'
import { beginSequentialStep, initialSequential, type SequentialState } from './state.ts'
import { bet, evidence, initialWealth, uniform } from './wealth.ts'

const HEALTHY: SideNow = { errorRate: 0.005 }
const CANARY: Scenario = { rps: 20, weights: many(720, 10), live: () => HEALTHY, candidate: () => HEALTHY }
const BAD: Scenario = { ...CANARY, weights: many(120, 10), candidate: () => ({ errorRate: 1 }) }

describe('evidence', () => {
  it('starts at 1 and stays there through any number of ticks that tell nothing', () => {
    let wealth = initialWealth(5)
    for (let tick = 0; tick < 100_000; tick++)
      wealth = bet(wealth, [0, 0, 0, 0, 0], uniform(5), { first: 0.8, hazard: 1 / 720 })
    assert.ok(Math.abs(evidence(wealth) - 1) < 1e-9, String(evidence(wealth)))
  })

  it('keeps some in reserve for a regression that begins late', () => {
    const onset = { first: 0.8, hazard: 1 / 720 }
    let wealth = initialWealth(1)
    for (let tick = 0; tick < 360; tick++) wealth = bet(wealth, [-2], [1], onset)
    let ticks = 0
    for (; evidence(wealth) < 100 && ticks < 50; ticks++) wealth = bet(wealth, [3], [1], onset)
    assert.ok(ticks <= 5, `${ticks} ticks`)
  })

  it('is finite and not negative whatever it is fed', () => {
    const numbers = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e308, -1e308))
    fc.assert(
      fc.property(fc.array(fc.tuple(numbers, numbers)), (ticks) => {
        const wealth = ticks.reduce(
          (held, exponents) => bet(held, exponents, uniform(2), { first: 0.8, hazard: 0.1 }),
          initialWealth(2),
        )
        assert.ok(Number.isFinite(evidence(wealth)) && evidence(wealth) >= 0)
      }),
    )
  })
})

describe('the sequential comparison', () => {
  it('finds a total failure at 20 requests/s and 10 % within 20 s and 40 requests of the candidate', () => {
    for (let seed = 0; seed < 100; seed++) {
      const found = simulate(BAD, seed).reached.get('rollback')
      assert.ok(found !== undefined && found.tick <= 4 && found.requests <= 60, JSON.stringify(found))
    }
    const found = Array.from({ length: 100 }, (_, seed) => simulate(BAD, seed).reached.get('rollback')!)
    assert.equal(median(found.map(({ tick }) => tick)), 3)
    assert.ok(median(found.map(({ requests }) => requests)) <= 40)
  })

  it('[R-E03] finds five times the errors after some 500 requests', () => {
    const found = Array.from({ length: 100 }, (_, seed) =>
      simulate({ ...CANARY, candidate: () => ({ errorRate: 0.025 }) }, seed).reached.get('rollback'),
    )
    const requests = median(found.map((each) => each?.requests ?? Number.POSITIVE_INFINITY))
    assert.ok(requests > 300 && requests < 700, `${requests} requests`)
  })

  it('finds a total failure that begins in the middle as fast as one from the start', () => {
    const late: Scenario = {
      ...CANARY,
      weights: many(400, 50),
      candidate: (tick) => ({ errorRate: tick > 360 ? 1 : 0.005 }),
    }
    const found = Array.from(
      { length: 50 },
      (_, seed) => simulate(late, seed).reached.get('rollback')?.tick ?? Infinity,
    )
    assert.ok(median(found) <= 365, `tick ${median(found)}`)
  })

  it('[R-E01] takes a candidate that is far too slow back soon after the warm-up, beside live and alone', () => {
    const slow = (weights: readonly number[], from: number): Scenario => ({
      ...CANARY,
      weights,
      live: () => ({ errorRate: 0.005, slowness: 1 }),
      candidate: (tick) => ({ errorRate: 0.005, slowness: tick >= from ? 2.5 : 1 }),
    })
    const beside = simulate(slow(many(120, 10), 0), 3, SEQUENTIAL_DEFAULTS).reached.get('rollback')
    assert.ok(beside !== undefined && beside.tick > 12 && beside.tick <= 28, JSON.stringify(beside))
    const alone = simulate(slow([...many(60, 10), ...many(60, 100)], 80), 4, SEQUENTIAL_DEFAULTS).reached.get(
      'rollback',
    )
    assert.ok(alone !== undefined && alone.tick >= 80 && alone.tick <= 100, JSON.stringify(alone))
  })

  it('finds five times the errors where live has no traffic any more', () => {
    const scenario: Scenario = {
      ...CANARY,
      weights: [...many(240, 50), ...many(240, 100)],
      candidate: (tick) => ({ errorRate: tick > 280 ? 0.025 : 0.005 }),
    }
    const found = Array.from(
      { length: 20 },
      (_, seed) => simulate(scenario, seed).reached.get('rollback')?.tick ?? Infinity,
    )
    assert.ok(median(found) < 400, `tick ${median(found)}`)
  })

  it('[R-E03] takes what live did as well for no regression of a candidate that is alone, as far as it has seen live', () => {
    const high = (tick: number) => ({ errorRate: tick % 60 >= 0 && tick % 60 < 15 ? 0.03 : 0.003 })
    const after = (before: number): Scenario => ({
      ...CANARY,
      weights: [...many(before, 10), ...many(240, 100)],
      live: high,
      candidate: high,
    })
    for (let seed = 0; seed < 10; seed++) {
      const { reached } = simulate(after(240), seed)
      assert.deepEqual(
        (['rollback', 'hold', 'unknown-past'] as const).filter((rung) => reached.has(rung)),
        [],
      )
    }
  })

  it('[R-E03] does not guess from what wanders beyond the limit where live was hardly seen, and finds a total failure all the same', () => {
    const wanders = (tick: number) => ({ errorRate: tick >= 20 && tick < 44 ? 0.04 : 0.004 })
    const alone: Scenario = { ...CANARY, weights: many(120, 100), candidate: wanders }
    for (let seed = 0; seed < 20; seed++) {
      assert.ok(!simulate(alone, seed).reached.has('rollback'), `seed ${seed}`)
    }
    for (const from of [12, 60]) {
      const fails: Scenario = { ...alone, candidate: (tick) => ({ errorRate: tick >= from ? 1 : 0.004 }) }
      const found = simulate(fails, 1).reached.get('rollback')?.tick ?? Infinity
      assert.ok(found - from <= 4, `from tick ${from}: ${found}`)
    }
  })

  it('[R-E03] holds the limit against how live wanders where a control share is too small to show that live suffers', () => {
    const high = (tick: number) => ({ errorRate: tick % 60 >= 0 && tick % 60 < 12 ? 0.06 : 0.003 })
    const controlled = { ...CANARY, weights: [...many(240, 10), ...many(240, 95)], live: high, candidate: high }
    for (let seed = 0; seed < 10; seed++) {
      assert.ok(!simulate(controlled, seed).reached.has('rollback'), `seed ${seed}`)
    }
    const fails: Scenario = { ...controlled, candidate: (tick) => (tick >= 340 ? { errorRate: 1 } : high(tick)) }
    assert.ok((simulate(fails, 1).reached.get('rollback')?.tick ?? Infinity) <= 346)
  })

  it('[R-E03] is inconclusive, and says so, of a candidate alone beyond a live that was hardly seen', () => {
    const calm = tickOf({ to: 0, weight: 0, candidate: { requests: 0 }, live: { requests: 100, errors: 1 } })
    let state = foldSequential(initialSequential(ERRORS_ONLY), ERRORS_ONLY, calm)
    for (let index = 1; index <= 60; index++)
      state = foldSequential(
        state,
        ERRORS_ONLY,
        tickOf({
          to: index * 5000,
          weight: 0,
          candidate: { requests: 0 },
          live: { requests: 100, errors: index % 4 ? 0 : 1 },
        }),
      )
    const options = { ...ERRORS_ONLY, errors: { ...ERRORS_ONLY.errors!, limit: 0.1 } }
    state = beginSequentialStep(state, { at: after(T0, 300_000), weight: 100 })
    for (let index = 61; index <= 120; index++)
      state = foldSequential(
        state,
        options,
        tickOf({ to: index * 5000, weight: 100, candidate: { requests: 100, errors: 2 }, live: {} }),
      )
    const { outcome, triggered, words } = judgeSequential(state, options)
    assert.deepEqual([rungOf(state, options), outcome, triggered], ['unknown-past', 'inconclusive', undefined])
    assert.match(
      english(words().text),
      /live was seen for 5m 5s with 16 errors, too little to know how far its rate wanders/,
    )
  })

  it('goes back on at most 1 % of healthy releases, looked at after every tick', (test) => {
    const half: Scenario = { ...CANARY, weights: many(360, 10) }
    const step = (tick: number, from: number, to: number) => tick >= from && tick < to
    const drift = (tick: number) => ({ errorRate: 0.002 + 0.01 * Math.min(1, Math.max(0, tick) / 720) })
    const outage = (tick: number) => ({ errorRate: step(tick, 60, 132) ? 0.08 : 0.005 })
    const hiccup = (phase: number) => (tick: number) => ({ errorRate: (tick * 7919 + phase) % 480 === 0 ? 0.5 : 0.005 })
    const scenarios: Readonly<Record<string, Scenario>> = {
      'nothing special': { ...half, weights: STAGED },
      'errors in bursts of 3': {
        ...half,
        live: () => ({ errorRate: 0.005, burst: 3 }),
        candidate: () => ({ errorRate: 0.005, burst: 3 }),
      },
      'errors of both drift from 0.2 to 1.2 % over the ramp': {
        ...half,
        weights: STAGED.slice(0, 360),
        live: drift,
        candidate: drift,
      },
      'an outage of 6 minutes that both share': { ...half, live: outage, candidate: outage },
      'hiccups of single instances': { ...half, live: hiccup(0), candidate: hiccup(240) },
      'a cold start with 6 times the errors': {
        ...half,
        candidate: (tick) => ({ errorRate: tick <= 12 ? 0.03 : 0.005 }),
      },
      'hardly any traffic': { ...half, rps: 0.02 },
    }
    for (const [name, scenario] of Object.entries(scenarios)) {
      const rolledBack = share(scenario, 'rollback', 200)
      test.diagnostic(`${name}: ${100 * rolledBack} % of 200 went back`)
      assert.ok(rolledBack <= 0.01, `${name}: ${100 * rolledBack} % went back`)
    }
  })

  it('goes back on at most 1 % of healthy releases when latencies are compared too', () => {
    const healthy = { errorRate: 0.005, slowness: 1 }
    const pause = (tick: number) => ({ errorRate: 0.005, slowness: (tick * 7919) % 60 === 0 ? 4 : 1 })
    const stages = [...many(60, 10), ...many(90, 50), ...many(90, 100)]
    const staged: Scenario = { ...CANARY, rps: 10, weights: stages, live: () => healthy, candidate: () => healthy }
    assert.ok(share(staged, 'rollback', 60, SEQUENTIAL_DEFAULTS) <= 0.01)
    assert.ok(share({ ...staged, live: pause, candidate: pause }, 'rollback', 60, SEQUENTIAL_DEFAULTS) <= 0.01)
  })
})

describe('the ladder', () => {
  it('holds for a person when live breaks the same limit, and goes back on neither', () => {
    const outage = (tick: number) => ({ errorRate: tick >= 60 ? 0.2 : 0.005 })
    const scenario: Scenario = { ...CANARY, weights: many(120, 50), live: outage, candidate: outage }
    const { reached, state } = simulate(scenario, 1)
    assert.equal(reached.has('rollback'), false)
    assert.equal(reached.has('shared-cause'), true)
    const said = judgeSequential(state, ERRORS_ONLY)
    assert.deepEqual([said.outcome, said.triggered, said.shared], ['fail', undefined, true])
    assert.match(
      english(said.words().text),
      /a shared cause that a rollback would not fix; held without a rollback, a person has to look/,
    )
  })

  it('holds a candidate with twice the errors, long before it would go back', () => {
    const runs = Array.from(
      { length: 60 },
      (_, seed) => simulate({ ...CANARY, candidate: () => ({ errorRate: 0.01 }) }, seed).reached,
    )
    const held = runs.filter((reached) => reached.has('hold')).length
    assert.ok(held >= 50, `${held} of 60 held`)
  })

  it('accepts a step only with enough requests, quiet evidence and a shown error rate', () => {
    const { reached } = simulate({ ...CANARY, candidate: () => ({ errorRate: 0.001 }) }, 2)
    const accepted = reached.get('accepted')
    assert.ok(accepted !== undefined && accepted.requests >= 200 && accepted.requests < 800, JSON.stringify(accepted))
    assert.equal(simulate({ ...CANARY, weights: many(19, 10) }, 2).reached.has('accepted'), false)
    const atLimit = share(
      { ...CANARY, weights: many(240, 10), live: () => ({ errorRate: 0.02 }), candidate: () => ({ errorRate: 0.02 }) },
      'accepted',
      200,
    )
    assert.ok(atLimit <= 0.09, `${atLimit} accepted at the limit (5 % nominal, standard error 1.5 %)`)
  })

  it('[R-E01] accepts a step only when errors and latencies are both shown to keep their limits', () => {
    const play = (candidate: { latency: Record<string, number>; errors?: number }, live = candidate) => {
      const both = { ...SEQUENTIAL_DEFAULTS, stickySessions: false }
      const begun = beginSequentialStep(initialSequential(both), { at: T0, weight: 50 })
      const ticks = Array.from({ length: 20 }, (_, index) => {
        const to = (index + 1) * 5000
        return tickOf({ to, weight: 50, candidate: { requests: 100, ...candidate }, live: { requests: 100, ...live } })
      })
      const state = ticks.reduce((state, tick) => foldSequential(state, both, tick), begun)
      return { rung: rungOf(state, both), said: judgeSequential(state, both) }
    }
    assert.equal(play({ latency: { 6: 100 } }).rung, 'accepted')
    assert.equal(play({ latency: { 6: 95, 11: 5 } }).rung, 'not-accepted', '5 % slow is the limit itself')
    const untimed = play({ latency: {} }, { latency: { 6: 100 } })
    assert.deepEqual([untimed.rung, untimed.said.outcome], ['no-latency', 'no-evidence'])
    assert.match(english(untimed.said.words().text), /2 000 requests of the candidate were counted, but no latency/)
    assert.equal(play({ latency: { 6: 9 } }).rung, 'too-few', '180 timed requests of 2 000 speak for 180')
  })

  it('begins the evidence for a step anew with each, and keeps that against the candidate', () => {
    const { state } = simulate({ ...CANARY, weights: many(60, 10) }, 5)
    const next = beginSequentialStep(state, { at: T0, weight: 50 })
    assert.equal(evidenceOf(next).accept, 1)
    assert.equal(evidenceOf(next).rollback, evidenceOf(state).rollback)
    assert.equal(rungOf(next, ERRORS_ONLY), 'too-few')
  })

  it('does not accept while something may be growing, and does not go back on fewer than three bad ticks', () => {
    const { state } = simulate({ ...CANARY, weights: many(100, 10), candidate: () => ({ errorRate: 0.001 }) }, 2)
    const holding = (reserve: number) => ({
      ...state,
      errors: { ...state.errors!, strict: { reserve, bets: [0, 0, 0, 0, 0] } },
    })
    const rungs = [2.99, 3, 19.99, 20].map((reserve) => rungOf(holding(reserve), ERRORS_ONLY))
    assert.deepEqual(rungs, ['accepted', 'not-accepted', 'not-accepted', 'hold'])
    const limit = { reserve: 1e6, bets: [0, 0, 0, 0, 0] }
    const after = (badTicks: number) => rungOf({ ...state, badTicks, errors: { ...state.errors!, limit } }, ERRORS_ONLY)
    assert.deepEqual([after(2), after(3)], ['accepted', 'rollback'])
  })

  it('counts for a step only what happened wholly within it and at its weight', () => {
    const begun = beginSequentialStep(started(), { at: T0, weight: 50 })
    const requests = (tick: Parameters<typeof tickOf>[0]) =>
      foldSequential(begun, ERRORS_ONLY, tickOf(tick)).step.candidate.n
    assert.equal(requests({ to: 5000, weight: 50 }), 10)
    assert.equal(requests({ to: 5000, weight: 10 }), 0)
    assert.equal(requests({ to: 4999, weight: 50 }), 0)
  })

  it('does not go back on error rates below the floor, however they compare', () => {
    const play = (requests: number) => {
      let state = started()
      for (let index = 1; index <= 300; index++) {
        const candidate = { requests, errors: 1, latency: {} }
        state = foldSequential(
          state,
          ERRORS_ONLY,
          tickOf({ to: index * 5000, candidate, live: { requests: 9 * requests } }),
        )
      }
      return rungOf(state, ERRORS_ONLY)
    }
    assert.equal(play(2000), 'hold', '0.05 % against none')
    assert.equal(play(200), 'rollback', '0.5 % against none')
  })

  it('is inconclusive without requests, and names a candidate that chance cannot have missed', () => {
    const idle = (live: number, ticks: number, inFlight = 0) =>
      Array.from({ length: ticks }, (_, index) =>
        tickOf({ to: (index + 1) * 5000, candidate: { requests: 0, inFlight }, live: { requests: live } }),
      ).reduce((state, tick) => foldSequential(state, ERRORS_ONLY, tick), started())
    assert.equal(rungOf(idle(0, 12), ERRORS_ONLY), 'no-traffic')
    assert.equal(judgeSequential(idle(0, 12), ERRORS_ONLY).outcome, 'inconclusive')
    assert.equal(rungOf(idle(131, 1), ERRORS_ONLY), 'too-few')
    assert.equal(rungOf(idle(132, 1), ERRORS_ONLY), 'routing-fault')
    assert.equal(judgeSequential(idle(132, 1), ERRORS_ONLY).outcome, 'no-evidence')
    assert.equal(rungOf(idle(132, 1, 1), ERRORS_ONLY), 'too-few', 'a hanging candidate is not a routing fault')
  })

  it('does not trust counts whose share is not the weight that was set', () => {
    const ticks = (candidate: number, live: number, options = ERRORS_ONLY) =>
      Array.from({ length: 60 }, (_, index) =>
        tickOf({ to: (index + 1) * 5000, candidate: { requests: candidate }, live: { requests: live } }),
      ).reduce((state, tick) => foldSequential(state, options, tick), started())
    assert.equal(rungOf(ticks(25, 75), ERRORS_ONLY), 'wrong-share')
    assert.equal(rungOf(ticks(4, 96), ERRORS_ONLY), 'wrong-share')
    assert.equal(rungOf(ticks(13, 87), ERRORS_ONLY), 'accepted', '13 % are within the odds that are tolerated')
    const owing = Array.from({ length: 60 }, (_, index) => {
      const candidate = { requests: 1, inFlight: 9 * (index + 1) }
      return tickOf({ to: (index + 1) * 5000, candidate, live: { requests: 90 } })
    }).reduce((state, tick) => foldSequential(state, ERRORS_ONLY, tick), started())
    assert.notEqual(
      rungOf(owing, ERRORS_ONLY),
      'wrong-share',
      'a slow candidate owes its share, it was not passed over',
    )
    const sticky = { ...ERRORS_ONLY, stickySessions: true }
    assert.equal(rungOf(ticks(4, 96, sticky), sticky), 'accepted', 'sessions stay where they began')
  })
})

describe('the state of the sequential comparison', () => {
  it('stays within 4 KiB of JSON and goes on from there exactly', (test) => {
    const both = { errorRate: 0.01, slowness: 1 }
    const scenario: Scenario = {
      ...CANARY,
      rps: 100,
      weights: STAGED.slice(0, 200),
      live: () => both,
      candidate: () => both,
    }
    const { state } = simulate(scenario, 6, SEQUENTIAL_DEFAULTS)
    const text = JSON.stringify(state)
    test.diagnostic(`${text.length} bytes`)
    assert.ok(text.length <= 4096, `${text.length} bytes`)
    assert.deepEqual(JSON.parse(text), state)
    const next = tickOf({ to: 2_000_000, candidate: { requests: 30, errors: 2 } })
    const restored: SequentialState = JSON.parse(text)
    const options = { ...SEQUENTIAL_DEFAULTS, latency: null }
    assert.deepEqual(
      foldSequential({ ...restored, latency: null }, options, next),
      foldSequential({ ...state, latency: null }, options, next),
    )
  })

  it('stays within 4 KiB while it still gathers live before the shift', (test) => {
    const both = { errorRate: 0.01, slowness: 1 }
    const { state } = simulate({ ...CANARY, rps: 100, weights: [], live: () => both }, 7, SEQUENTIAL_DEFAULTS)
    test.diagnostic(`${JSON.stringify(state).length} bytes`)
    assert.ok(state.reference.length > 100 && JSON.stringify(state).length <= 4096)
  })

  it('stays finite for a trillion requests a tick, all of them bad, and for none', () => {
    for (const [n, x] of [
      [1e12, 1e12],
      [1e12, 0],
      [0, 0],
      [1, 1],
      [0, 1e9],
    ] as const) {
      let state = started()
      for (let index = 1; index <= 300; index++) {
        const weight = index <= 150 ? 50 : 100
        const live = weight === 100 ? {} : { requests: n, errors: index % 2 ? x : 0 }
        state = foldSequential(
          state,
          ERRORS_ONLY,
          tickOf({ to: index * 5000, weight, candidate: { requests: n, errors: x }, live }),
        )
        for (const value of Object.values(evidenceOf(state)))
          assert.ok(Number.isFinite(value) && value >= 0, `${n}/${x}: ${value}`)
      }
      assert.equal(JSON.stringify(state).includes('null,null'), false)
      assert.notEqual(judgeSequential(state, ERRORS_ONLY).words().text, '')
    }
  })

  it('refuses limits that are no rates', () => {
    const errors = { tolerance: 0.2, floor: 0.001, limit: 0 }
    assert.throws(() => initialSequential({ ...ERRORS_ONLY, errors }), /0 is no limit for a share of requests/)
  })
})

function started(): SequentialState {
  return beginSequentialStep(initialSequential(ERRORS_ONLY), { at: T0, weight: 10 })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
