/**
 * What every metrics source has to keep: counts that only grow under one epoch, a new epoch when they restart, and a
 * failure instead of zeros whenever it cannot tell (law L3). Call it with a way to make the counted thing do something.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { countsProblem, difference } from '../core/analysis/difference.ts'
import { histogramCount, histogramQuantile, sameScale } from '../core/histogram.ts'
import type { MetricsSnapshot, Slot } from '../core/observed.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import { until } from './until.ts'

const SLOTS: readonly Slot[] = ['blue', 'green']

export type MetricsWorld = {
  readonly source: MetricsSource
  /** Resolves when so many requests were answered by the slot, `errors` of them with a 5xx, none slower than 2 s. */
  serve(slot: Slot, done: { readonly requests: number; readonly errors: number }): Promise<void>
  /** Restarts what counts. Null where that cannot be done; the cases about it are then skipped. */
  readonly restart: (() => Promise<void>) | null
  /** What the source asks stops answering. */
  breakDown(): Promise<void>
  stop(): Promise<void>
}

export function metricsSourceContract(name: string, create: () => Promise<MetricsWorld>): void {
  describe(`${name} keeps the contract of a metrics source`, () => {
    let world: MetricsWorld
    before(async () => {
      world = await create()
    })
    after(() => world.stop())

    it('counts requests, errors and latencies of each slot by itself', async () => {
      const earlier = await collected(world.source)
      await world.serve('blue', { requests: 12, errors: 0 })
      await world.serve('green', { requests: 10, errors: 3 })
      const later = await settled(world.source, earlier, { blue: 12, green: 10 })
      const blue = difference(earlier.slots.blue, later.slots.blue, true)
      const green = difference(earlier.slots.green, later.slots.green, true)
      assert.deepEqual([blue?.requests, blue?.errors], [12, 0])
      assert.deepEqual([green?.requests, green?.errors], [10, 3])
      assert.equal(histogramCount(green!.latency), 10)
      const slowest = histogramQuantile(green!.latency, 1)
      assert.ok(slowest !== null && slowest > 0 && slowest < 2100, `slowest was ${slowest} ms`)
    })

    it('answers counts that only grow, under one epoch, with a time that does not go back', async () => {
      const earlier = await collected(world.source)
      await world.serve('green', { requests: 4, errors: 1 })
      const later = await settled(world.source, earlier, { blue: 0, green: 4 })
      assert.equal(later.epoch, earlier.epoch)
      assert.ok(later.at >= earlier.at)
      for (const slot of SLOTS) {
        assert.equal(countsProblem(later.slots[slot]), null)
        assert.ok(later.slots[slot].requests >= earlier.slots[slot].requests)
        assert.ok(later.slots[slot].errors >= earlier.slots[slot].errors)
        for (const [bucket, count] of Object.entries(earlier.slots[slot].latency.counts)) {
          assert.ok((later.slots[slot].latency.counts[bucket] ?? 0) >= count, `bucket ${bucket} of ${slot} fell`)
        }
      }
    })

    it('answers the same counts when looked at twice, for looking changes nothing', async () => {
      const first = await collected(world.source)
      const second = await collected(world.source)
      for (const slot of SLOTS) {
        assert.equal(second.slots[slot].requests, first.slots[slot].requests)
        assert.deepEqual(second.slots[slot].latency, first.slots[slot].latency)
      }
    })

    it('answers plain data with the same buckets in both slots', async () => {
      const snapshot = await collected(world.source)
      assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot)
      assert.ok(sameScale(snapshot.slots.blue.latency, snapshot.slots.green.latency))
      assert.ok(snapshot.epoch !== '')
    })

    it('answers a failure, not an exception and not a snapshot, when it was stopped', async () => {
      const result = await world.source.collect(AbortSignal.abort())
      assert.equal(result.ok, false)
    })

    it('begins a new epoch when the counters restart', async (test) => {
      if (world.restart === null) return test.skip('this source has no restart of its own')
      const earlier = await collected(world.source)
      await world.restart()
      await world.serve('green', { requests: 3, errors: 0 })
      const later = await collectedOnce(
        world.source,
        'a snapshot of the new epoch',
        ({ epoch, slots }) => epoch !== earlier.epoch && slots.green.requests >= 3,
      )
      assert.equal(difference(earlier.slots.green, later.slots.green, false)?.requests, 3)
    })

    it('answers a failure that says what is wrong, never zeros, when what it asks is gone', async () => {
      await world.breakDown()
      const result = await world.source.collect(AbortSignal.timeout(5000))
      assert.equal(result.ok, false)
      assert.ok(!result.ok && result.message.length > 10, 'the message says what happened')
      assert.ok(!result.ok && result.kind !== 'permanent', 'it may come back')
    })
  })
}

async function collected(source: MetricsSource): Promise<MetricsSnapshot> {
  const result = await source.collect(AbortSignal.timeout(5000))
  assert.ok(result.ok, result.ok ? '' : `${source.name}: ${result.message}`)
  return result.value
}

/** A source may count a request shortly after its answer has arrived. */
async function settled(
  source: MetricsSource,
  earlier: MetricsSnapshot,
  more: Readonly<Record<Slot, number>>,
): Promise<MetricsSnapshot> {
  return collectedOnce(source, `${more.blue} more requests in blue and ${more.green} in green`, ({ slots }) =>
    SLOTS.every((slot) => slots[slot].requests >= earlier.slots[slot].requests + more[slot]),
  )
}

async function collectedOnce(
  source: MetricsSource,
  what: string,
  holds: (snapshot: MetricsSnapshot) => boolean,
): Promise<MetricsSnapshot> {
  const found = await until(what, async () => {
    const result = await source.collect(AbortSignal.timeout(5000))
    return result.ok && holds(result.value) ? result.value : null
  })
  assert.ok(found !== null)
  return found
}
