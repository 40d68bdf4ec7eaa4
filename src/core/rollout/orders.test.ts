/** Goal: an order gets the time that what it asks for may take by its own word, and no more than its step has. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../time.ts'
import { issueAt } from './orders.ts'
import type { RolloutState } from './state.ts'

const TIMINGS = { slowCommandLimitMs: 300_000, commandLimitMs: 5000, smokeLimitMs: 1_200_000 }

/** How long a suite of such checks may take. */
function limitMs(...timeouts: readonly number[]): number {
  const smoke = timeouts.map((timeoutMs) => ({ timeoutMs }))
  const state = { plan: { smoke, timings: TIMINGS } } as unknown as RolloutState
  const issued = issueAt(state, { type: 'RunSmoke', target: 'candidate' }, { due: instant(0), attempt: 1 })
  assert.ok(issued.type === 'CommandIssued')
  return issued.data.deadline
}

describe('the time of a smoke suite', () => {
  it('is that of slow orders while each check is content with less', () => {
    assert.equal(limitMs(10_000, 299_999), 300_000)
  })

  it('is that of all its checks, one after the other, where one may wait longer than slow orders do', () => {
    assert.equal(limitMs(600_000), 600_000)
    assert.equal(limitMs(10_000, 600_000), 610_000)
  })

  it('is never longer than the step has', () => {
    assert.equal(limitMs(900_000, 900_000), 1_200_000)
  })
})
