import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MetricsSnapshot, SlotCounts } from '../core/observed.ts'
import { say } from '../core/say.ts'
import type { Counted } from '../core/rollout/state.ts'
import { after, instant } from '../core/time.ts'
import { trafficBetween } from './measured-traffic.ts'

const AT = instant(Date.UTC(2026, 6, 7, 12))
const HOUR_MS = 3_600_000

function counts(requests: number, errors: number): SlotCounts {
  return { requests, errors, latency: { base: 2, unitMs: 1, counts: {} }, inFlight: 0, waitingOldestMs: 0 }
}

function counted(blue: SlotCounts): Counted {
  const unseen = { readiness: null, logLines: null }
  return { epoch: 'e1', at: AT, slots: { blue: { ...blue, ...unseen }, green: { ...counts(0, 0), ...unseen } } }
}

function now(blue: SlotCounts, change: Partial<MetricsSnapshot> = {}): MetricsSnapshot {
  return { epoch: 'e1', at: after(AT, HOUR_MS), slots: { blue, green: counts(0, 0) }, ...change }
}

describe('traffic measured since the last release', () => {
  it('[R-E03] is what both slots got and failed since then, to two digits, with its source', () => {
    assert.deepEqual(trafficBetween(counted(counts(100, 10)), now(counts(72_100, 370))), {
      requestsPerSecond: 20,
      errorRate: 0.005,
      source: 'measured since 2026-07-07 12:00 UTC',
      said: say`measured since ${'2026-07-07 12:00'} UTC`,
    })
  })

  it('is not known after the counters began anew, over less than ten minutes, and from fewer than 1 000 requests', () => {
    const since = counted(counts(0, 0))
    assert.equal(trafficBetween(since, now(counts(72_000, 0), { epoch: 'e2' })), null)
    assert.equal(trafficBetween(since, now(counts(72_000, 0), { at: after(AT, 599_999) })), null)
    assert.equal(trafficBetween(since, now(counts(999, 0))), null)
    assert.notEqual(trafficBetween(since, now(counts(1000, 0))), null)
  })

  it('[R-E07] is not known from what is not a count, nor of a service of which everything fails', () => {
    const since = counted(counts(0, 0))
    assert.equal(trafficBetween(since, now(counts(Number.NaN, 0))), null)
    assert.equal(trafficBetween(since, now(counts(2000, Number.POSITIVE_INFINITY))), null)
    assert.equal(trafficBetween(since, now(counts(2000, 2000))), null)
  })
})
