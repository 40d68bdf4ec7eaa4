import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import { after } from '../time.ts'
import { judgeAt, judgeCandidate } from './judging.ts'
import { currentStep } from './state.ts'

const world = simulate({ builds: { v1: {}, v2: {} } })
world.serving('blue', 'shop-prod-1', 'v1')
world.give(requestFor(planFor()))
const state = world.run(
  (each) => currentStep(each)?.kind === 'hold' && each.analysis.components['api']?.sinceStep != null,
)
const now = state.lastAt

describe('the judge of one decision', () => {
  it('says what judging says', () => {
    assert.deepEqual(judgeAt(now)(state, 1000), judgeCandidate(state, now, 1000))
  })

  it('judges the same evidence once, however often a turn changes the rest', () => {
    const judge = judgeAt(now)
    assert.equal(judge({ ...state, pending: [], version: state.version + 1 }, 1000), judge(state, 1000))
  })

  it('judges anew what was learnt since, and what is asked for longer', () => {
    const judge = judgeAt(now)
    const first = judge(state, 1000)
    const longer = judge(state, 3_600_000)
    assert.notEqual(longer.outcome, 'pass')
    assert.deepEqual(longer, judgeCandidate(state, now, 3_600_000))
    const begun = { ...state, analysis: { ...state.analysis, step: null } }
    assert.deepEqual(judge(begun, 1000), judgeCandidate(begun, now, 1000))
    assert.notDeepEqual(judge(begun, 1000), first)
  })

  it('of another moment judges anew', () => {
    const late = after(now, 600_000)
    assert.notDeepEqual(judgeAt(late)(state, 1000), judgeAt(now)(state, 1000))
  })
})
