/** Goal: what a plan says of dead routes is what the judgement does with them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { poisson } from '../../testing/fake-metrics.ts'
import { foldSegments, guiltySegment, type SegmentStates } from '../analysis/sequential/segments.ts'
import { SEQUENTIAL_DEFAULTS, type SequentialOptions } from '../analysis/sequential/options.ts'
import { english } from '../say.ts'
import { randomOf } from '../random.ts'
import type { StepTraffic } from './growth.ts'
import { leastRate, routeSeen } from './route-effect.ts'

const OPTIONS: SequentialOptions = {
  ...SEQUENTIAL_DEFAULTS,
  latency: null,
  alpha: { ...SEQUENTIAL_DEFAULTS.alpha, rollback: 0.008, segments: 0.002 },
  segments: 20,
}
const TICK_MS = 5000
const STEP: StepTraffic = {
  weight: 10,
  holdMs: 300_000,
  rps: 20,
  baseline: 0.005,
  liveRequests: 600,
  tickMs: TICK_MS,
}

const text = (change: Partial<StepTraffic> = {}, options = OPTIONS) =>
  english(routeSeen({ ...STEP, ...change }, options))

/** Of so many releases whose route has that many requests a second and is dead, those taken back within the step. */
function foundOf(releases: number, rate: number, step: StepTraffic): number {
  const random = randomOf(11)
  const asked = (share: number) => poisson(random, (((rate * TICK_MS) / 1000) * share) / 100)
  const isFound = () => {
    const round = { exposed: true, alone: step.weight === 100, clustering: 1 }
    const before = {
      live: [poisson(random, (step.liveRequests * rate) / step.rps), 0, 0],
      candidate: [0, 0, 0],
    } as const
    let states: SegmentStates = foldSegments({}, { route: before }, OPTIONS, { ...round, warm: false })
    for (let at = TICK_MS; at <= step.holdMs; at += TICK_MS) {
      const failed = asked(step.weight)
      const tick = { live: [asked(100 - step.weight), 0, 0], candidate: [failed, failed, 0] } as const
      states = foldSegments(states, { route: tick }, OPTIONS, { ...round, warm: at > OPTIONS.warmUpMs })
      if (guiltySegment(states, OPTIONS, round.alone) !== null) return true
    }
    return false
  }
  return Array.from({ length: releases }, isFound).filter(Boolean).length
}

describe('a dead route, as a plan foretells it', () => {
  it('[R-E03] is said with the traffic that it needs, less of it in a longer or larger step', () => {
    assert.equal(text(), '; a dead route from 0.24 requests/s of its own on')
    const rates = [STEP, { ...STEP, holdMs: 600_000 }, { ...STEP, weight: 50 }].map((step) => leastRate(step, OPTIONS)!)
    assert.ok(rates[1]! < rates[0]! && rates[2]! < rates[0]!, String(rates))
  })

  for (const [name, change] of Object.entries({
    '10 % for 5m': {},
    '50 % for 5m': { weight: 50 },
    '100 % for 5m': { weight: 100, liveRequests: 6000, warm: true },
  })) {
    it(`[R-E03] agrees with releases played tick by tick: ${name}`, (test) => {
      const step = { ...STEP, ...change }
      const rate = leastRate(step, OPTIONS)!
      const found = [0.5, 1, 2].map((times) => foundOf(300, rate * times, step) / 300)
      test.diagnostic(`from ${rate.toFixed(3)} on; found at half, once and twice of it: ${found.join(', ')}`)
      assert.ok(found[0]! < 0.25 && found[1]! > 0.3 && found[1]! < 0.75 && found[2]! > 0.9, found.join(', '))
    })
  }

  it('[R-E03] is none where all of the traffic is too little, and nothing is said where no routes are judged', () => {
    assert.equal(text({ rps: 0.1, liveRequests: 3 }), '; no dead route by itself')
    assert.equal(text({}, SEQUENTIAL_DEFAULTS), '')
    assert.equal(text({}, { ...OPTIONS, errors: null }), '')
  })
})
