import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { english } from '../core/say.ts'
import { bare, drawn, inSegments, NOON, TICK_MS } from './fixture.ts'
import { type CountRule, judgeCounts, type Judged, type JudgeInput } from './judge.ts'

const LIVE = { perTick: 90, errors: 0.005, medianMs: 80 }
const GOOD = { perTick: 10, errors: 0.005, medianMs: 80 }
const TEN_MINUTES = 120

function judged(input: JudgeInput): Judged {
  const answer = judgeCounts(input)
  assert.ok(answer.ok, JSON.stringify(answer))
  return answer
}

describe('the judge by itself', () => {
  it('lets a candidate go on that is as live is, and says what it rests on', () => {
    const answer = judged(drawn(TEN_MINUTES, { candidate: GOOD, live: LIVE }))
    assert.equal(answer.outcome, 'pass', JSON.stringify(answer.verdicts))
    assert.equal(answer.rollback, false)
    assert.deepEqual(answer.ticks, { judged: TEN_MINUTES, all: TEN_MINUTES })
    assert.equal(answer.candidate.requests, 1200)
    assert.ok(answer.evidence!.accept >= answer.evidence!.demanded.accept)
    assert.ok(answer.candidate.p50! > 70 && answer.candidate.p50! <= 100, `${answer.candidate.p50}`)
    assert.deepEqual(
      answer.verdicts.map(({ rule }) => rule),
      ['evidence (service)', 'stalled (service)', 'error-rate compared + latency-p95 compared (service)'],
    )
  })

  it('ends with the first tick that demands a rollback, and still plots what came after', () => {
    const answer = judged(drawn(TEN_MINUTES, { candidate: { ...GOOD, errors: 1 }, live: LIVE }))
    assert.equal(answer.outcome, 'fail')
    assert.equal(answer.rollback, true)
    assert.ok(answer.ticks.judged <= 5, `${answer.ticks.judged} ticks`)
    assert.equal(answer.decidedAt, NOON + answer.ticks.judged * TICK_MS)
    assert.equal(answer.course.length, TEN_MINUTES)
    assert.equal(answer.candidate.requests, answer.ticks.judged * GOOD.perTick)
  })

  it('finds five times the errors, and a latency that doubled, though both keep every limit', () => {
    const errors = judged(drawn(240, { candidate: { ...GOOD, errors: 0.025 }, live: LIVE }))
    assert.equal(errors.outcome, 'fail', JSON.stringify(errors.verdicts))
    const slow = judged(drawn(TEN_MINUTES, { candidate: { ...GOOD, medianMs: 160 }, live: LIVE }))
    assert.equal(slow.outcome, 'fail', JSON.stringify(slow.verdicts))
    for (const { evidence } of [errors, slow]) assert.ok(evidence!.hold >= evidence!.demanded.hold)
  })

  it('calls too little evidence too little: few requests, little time', () => {
    const few = judged(drawn(10, { candidate: GOOD, live: LIVE }))
    assert.equal(few.outcome, 'inconclusive')
    const short = judged({ ...drawn(TEN_MINUTES, { candidate: GOOD, live: LIVE }), minTimeMs: 1_200_000 })
    assert.equal(short.outcome, 'inconclusive')
    assert.match(short.verdicts[0]!.text, /needed are 20m observed/)
  })

  it('takes what both sides suffer for a shared cause, not for the candidate’s', () => {
    const ill = judged(
      drawn(TEN_MINUTES, { candidate: { ...GOOD, errors: 0.3 }, live: { ...LIVE, errors: 0.3 }, past: 60 }),
    )
    assert.equal(ill.outcome, 'fail')
    assert.equal(ill.rollback, false)
    assert.equal(ill.sharedCause, true)
  })

  it('concludes nothing from a share of the traffic, which it was not told', () => {
    const ramp = drawn(60, { candidate: GOOD, live: LIVE })
    const more = drawn(120, { candidate: { ...GOOD, perTick: 90 }, live: { ...LIVE, perTick: 10 } })
    const later = { candidate: more.candidate.slice(60), live: more.live.slice(60) }
    const answer = judged({ candidate: [...ramp.candidate, ...later.candidate], live: [...ramp.live, ...later.live] })
    assert.equal(answer.outcome, 'pass', JSON.stringify(answer.verdicts))
  })

  it('compares a candidate that has all traffic with live’s past', () => {
    const { live, candidate } = drawn(TEN_MINUTES, { candidate: { ...GOOD, perTick: 100 }, live: LIVE, past: 240 })
    const past = live.slice(0, 240)
    const good = judged({ candidate, live: past })
    assert.equal(good.alone, true)
    assert.equal(good.outcome, 'pass', JSON.stringify(good.verdicts))
    assert.equal(good.live.requests, 240 * LIVE.perTick)
    const bad = judged({ live: past, candidate: candidate.map((tick) => ({ ...tick, errors: 10 })) })
    assert.equal(bad.rollback, true)
  })

  it('compares nothing during the warm-up that was asked for', () => {
    const sides = drawn(24, { candidate: { ...GOOD, errors: 0.1 }, live: LIVE })
    assert.equal(judged({ ...sides, warmUpMs: 0 }).rollback, true)
    assert.equal(judged({ ...sides, warmUpMs: 120_000 }).rollback, false)
  })

  it('judges by limits and raw comparisons, where those are wanted', () => {
    const rules: readonly CountRule[] = [
      { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: 60_000 } },
      { kind: 'relative', id: 'p95 to live', metric: 'latency-p95', to: 'live', margin: 0.5, forMs: 60_000 },
    ]
    const bad = judged({
      ...drawn(TEN_MINUTES, { candidate: { ...GOOD, errors: 0.1 }, live: LIVE }),
      rules,
      minRequests: 50,
    })
    assert.equal(bad.rollback, true)
    assert.equal(bad.evidence, null)
    const fail = bad.verdicts.find(({ outcome }) => outcome === 'fail')!
    assert.equal(fail.rule, 'error-rate (service)')
    assert.equal(fail.source.startsWith('counts that were given'), true)
  })
})

describe('segments', () => {
  const few = { candidate: { perTick: 1, errors: 0.005 }, live: { perTick: 9, errors: 0.005 } }

  it('names the one that is dead, before the whole could know', () => {
    const sides = inSegments(20, { ...few, ticks: 60, dead: 7 })
    const answer = judged(sides)
    assert.equal(answer.outcome, 'fail')
    assert.equal(answer.rollback, true)
    const [worst, ...others] = answer.segments
    assert.equal(worst?.name, 'GET /7')
    assert.equal(worst?.rollback, true)
    assert.ok(worst!.evidence >= worst!.demanded && others.every(({ rollback }) => !rollback))
    assert.match(answer.verdicts[0]!.text, /^service GET \/7: the candidate is worse beyond chance/)
    assert.equal(answer.candidate.requests, 20 * answer.ticks.judged)
    const whole = judged({ candidate: bare(sides.candidate), live: bare(sides.live) })
    assert.ok(!whole.rollback || whole.ticks.judged > answer.ticks.judged, `${whole.ticks.judged}`)
  })

  it('shares one chance of being wrong: half for the whole, half for all segments together', () => {
    const answer = judged(inSegments(5, { candidate: GOOD, live: LIVE, ticks: 60 }))
    assert.equal(answer.outcome, 'pass', JSON.stringify(answer.verdicts))
    assert.equal(answer.evidence!.demanded.rollback, 200)
    assert.deepEqual(new Set(answer.segments.map(({ demanded }) => Math.round(demanded))), new Set([1000]))
  })

  it('judges what is beyond the largest as one, and finds what is wrong in it', () => {
    const answer = judged(inSegments(25, { ...few, ticks: 240, dead: 24 }))
    assert.equal(answer.segments.length, 20)
    assert.equal(answer.segments[0]?.name, 'other segments')
    assert.equal(answer.segments[0]?.candidate.requests, 6 * answer.ticks.judged)
  })

  it('takes a segment that is bad on both sides for no fault of the candidate', () => {
    const bad = { perTick: 10, errors: 0.2 }
    const sides = inSegments(3, { candidate: bad, live: { ...bad, perTick: 90 }, ticks: 120 })
    assert.equal(judged(sides).rollback, false)
  })

  it('refuses segments of one side alone', () => {
    const { candidate, live } = inSegments(2, { ...few, ticks: 5 })
    const answer = judgeCounts({ candidate, live: bare(live) })
    assert.ok(!answer.ok)
    assert.match(english(answer.problems[0]!.said), /^tells no segments, and the other side does/)
    assert.equal(answer.problems[0]!.of, 'live')
  })
})

describe('counts that cannot be judged', () => {
  const { candidate, live } = drawn(10, { candidate: GOOD, live: LIVE })
  const problems = (input: JudgeInput) => {
    const answer = judgeCounts(input)
    return answer.ok ? [] : answer.problems.map(({ of, index, said }) => `${of} ${index}: ${english(said)}`)
  }

  it('names a tick that one side has and the other does not', () => {
    const gap = problems({ candidate: candidate.toSpliced(4, 1), live })
    assert.equal(gap.length, 1)
    assert.match(gap[0]!, /^live 4: the other side has nothing at this time/)
    assert.match(problems({ candidate, live: live.toSpliced(6, 1) })[0]!, /^candidate 6: the other side has nothing/)
    assert.match(problems({ candidate: candidate.slice(0, 8), live })[0]!, /^live 8: the candidate's counts end before/)
  })

  it('names a side without counts, and a tick of unknown length', () => {
    assert.match(problems({ candidate: [], live })[0]!, /^candidate null: there are no counts/)
    assert.match(
      problems({ candidate: candidate.slice(0, 1), live: live.slice(0, 1) })[0]!,
      /one tick does not say how long/,
    )
    assert.deepEqual(problems({ candidate: candidate.slice(0, 1), live: live.slice(0, 1), tickMs: TICK_MS }), [])
  })

  it('leaves a gap of both sides unobserved instead of calling it good', () => {
    const without = (ticks: typeof live) => ticks.toSpliced(3, 4)
    const answer = judgeCounts({
      candidate: without(candidate),
      live: without(live),
      minTimeMs: 40_000,
      minRequests: 1,
    })
    assert.ok(answer.ok)
    assert.match(answer.verdicts[0]!.text, /observed 30s with 60 requests/)
  })
})
