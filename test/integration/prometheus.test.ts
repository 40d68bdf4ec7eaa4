/** The metrics source against a real Prometheus; skipped, with the reason, where there is none. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { difference } from '../../src/core/analysis/difference.ts'
import { countAbove, histogramCount, histogramQuantile } from '../../src/core/histogram.ts'
import type { MetricsSnapshot } from '../../src/core/observed.ts'
import type { MetricsSource } from '../../src/ports/metrics-source.ts'
import { metricsSourceContract } from '../../src/testing/metrics-contract.ts'
import { until } from '../../src/testing/until.ts'
import {
  Exporter,
  failureOf,
  look,
  lookUntil,
  missing,
  type Prometheus,
  sourceOf,
  startPrometheus,
} from './prometheus-world.ts'
import { ask, named, put, startRouter, desired } from './router-world.ts'

const skip = missing()

if (skip === false) {
  metricsSourceContract('Prometheus', async () => {
    const exporter = await Exporter.start()
    exporter.serve('blue', { requests: 100, errors: 1 })
    exporter.serve('green', { requests: 1 })
    const prometheus = await startPrometheus({ instances: [exporter.address] })
    const source = sourceOf(prometheus)
    await lookUntil(source, 'the first scrape', ({ slots }) => slots.blue.requests === 100)
    return {
      source,
      serve: async (slot, done) => exporter.serve(slot, done),
      // A restart begins no new epoch: it is made up for, see below.
      restart: null,
      breakDown: () => prometheus.kill(),
      stop: async () => {
        exporter.close()
        await prometheus.stop()
      },
    }
  })
}

describe('a real Prometheus', { skip }, () => {
  let prometheus: Prometheus
  let one: Exporter
  let two: Exporter
  /** Scraped until a test takes it away. */
  let three: Exporter
  let routed: string
  const cleanUp: (() => unknown)[] = []
  before(async () => {
    const setup = { after: (done: () => unknown) => cleanUp.unshift(done) } as unknown as TestContext
    const exporters = [await Exporter.start(), await Exporter.start(), await Exporter.start()] as const
    ;[one, two, three] = exporters
    for (const exporter of exporters) {
      setup.after(() => exporter.close())
      exporter.serve('blue', { requests: 100 })
      exporter.serve('green', { requests: 10 })
    }
    const { client, dir } = await startRouter(setup)
    const sides = { blue: [(await named(setup, 'blue')).address], green: [(await named(setup, 'green')).address] }
    routed = await put(client, 'shop:prod:api', desired(1, 50, sides))
    const router = JSON.parse(readFileSync(join(dir, 'router.json'), 'utf8'))
    prometheus = await startPrometheus({ instances: exporters.map(({ address }) => address), router })
    cleanUp.unshift(() => prometheus.stop())
    await lookUntil(sourceOf(prometheus), 'all instances', ({ slots }) => slots.blue.requests === 300)
  })
  after(async () => {
    for (const done of cleanUp) await done()
  })

  async function begun(more: Readonly<Record<string, unknown>> = {}) {
    const source = sourceOf(prometheus, more)
    return { source, first: await lookUntil(source, 'a snapshot', () => true) }
  }

  type Counts = Readonly<{ blue?: number; green?: number }>
  /** The first snapshot with so many requests more. */
  function more(source: MetricsSource, earlier: MetricsSnapshot, { blue = 0, green = 0 }: Counts) {
    return lookUntil(source, `${blue} more in blue and ${green} in green`, ({ slots }) => {
      const [b, g] = [
        slots.blue.requests - earlier.slots.blue.requests,
        slots.green.requests - earlier.slots.green.requests,
      ]
      return b >= blue && g >= green
    })
  }

  it('[R-E02] sums 5xx and requests over the instances of a slot, and tells the slots apart', async () => {
    const { source, first } = await begun()
    assert.equal(first.slots.green.errors, 0, 'a status that never came counts none')
    one.serve('green', { requests: 70, errors: 2 })
    two.serve('green', { requests: 30, errors: 1 })
    two.serve('blue', { requests: 1000, errors: 4 })
    const later = await more(source, first, { blue: 1000, green: 100 })
    const [blue, green] = deltas(first, later)
    assert.deepEqual([green?.requests, green?.errors], [100, 3])
    assert.deepEqual([blue?.requests, blue?.errors], [1000, 4])
    assert.ok(green!.errors / green!.requests > 0.02 && blue!.errors / blue!.requests < 0.01)
  })

  it('[R-E01] judges p50, p95 and p99 exactly at the edges of the buckets, never to the fast side elsewhere', async () => {
    const { source, first } = await begun()
    one.serve('green', { requests: 94, latencyMs: 90 })
    two.serve('green', { requests: 4, latencyMs: 299 })
    two.serve('green', { requests: 2, latencyMs: 480 })
    const later = await more(source, first, { green: 100 })
    const latency = deltas(first, later)[1]!.latency
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => histogramQuantile(latency, q)!)
    assert.ok(p50! > 98 && p50! <= 100, `p50 is ${p50}`)
    assert.ok(p95! > 294 && p95! <= 300, `p95 is ${p95}`)
    assert.ok(p99! > 490 && p99! <= 500, `p99 is ${p99}`)
    assert.deepEqual(
      [100, 300, 500].map((limit) => countAbove(latency, limit)),
      [6, 2, 0],
    )
    assert.equal(countAbove(latency, 400), 2, 'between two edges a request counts as slow as it may have been')
  })

  it('[R-E08] counts responses that took longer than 5 s, also above the last edge', async () => {
    const { source, first } = await begun()
    one.serve('green', { requests: 3, latencyMs: 60_000 })
    one.serve('green', { requests: 2, latencyMs: 5000 })
    const later = await more(source, first, { green: 5 })
    assert.equal(countAbove(deltas(first, later)[1]!.latency, 5000), 3)
  })

  it('[R-E07] makes up for one instance that restarts among others: nothing is lost, nothing counted twice', async () => {
    const { source, first } = await begun()
    one.serve('green', { requests: 50, errors: 5 })
    const seen = await more(source, first, { green: 50 })
    one.restart()
    one.serve('blue', { requests: 1 })
    one.serve('green', { requests: 7, errors: 1 })
    two.serve('green', { requests: 3 })
    const later = await more(source, seen, { green: 10 })
    assert.equal(later.epoch, first.epoch)
    const green = difference(seen.slots.green, later.slots.green, true)
    assert.deepEqual([green?.requests, green?.errors, histogramCount(green!.latency)], [10, 1, 10])
    const twice = await look(source)
    assert.deepEqual(twice.slots, later.slots)
  })

  it('[R-E07] an instance that is down is a failure that names it; one that is no target any more keeps its counts', async () => {
    const { source, first } = await begun()
    three.close()
    const message = await failureOf(source, /is down/)
    assert.ok(message.includes(three.address) && message.includes('last 3 s'), message)
    prometheus.setInstances([one.address, two.address])
    one.serve('green', { requests: 5 })
    const later = await more(source, first, { green: 5 })
    assert.deepEqual(
      deltas(first, later).map((delta) => delta?.requests),
      [0, 5],
    )
  })

  it('[R-E07] scrapes that fail are a gap: first a failure, never zeros, then everything that was missed', async () => {
    const { source, first } = await begun()
    for (const exporter of [one, two, three]) exporter.instead = 500
    const message = await failureOf(source, /no sample of the last 3 s \(3 scrape intervals\)/)
    assert.match(message, /^Prometheus at 127\.0\.0\.1:\d+: http_requests_total\{/)
    one.serve('green', { requests: 8 })
    for (const exporter of [one, two, three]) exporter.instead = null
    const later = await more(source, first, { green: 8 })
    assert.equal(deltas(first, later)[1]?.requests, 8)
  })

  it('[R-E07] an outage of Prometheus during a watch is failures, then goes on with every count', async () => {
    const { source, first } = await begun()
    await prometheus.kill()
    const message = await failureOf(source, /does not answer/)
    assert.match(message, /ECONNREFUSED|closed|reset/)
    one.serve('green', { requests: 6, errors: 1 })
    await prometheus.start()
    const later = await more(source, first, { green: 6 })
    const green = deltas(first, later)[1]
    assert.deepEqual([green?.requests, green?.errors], [6, 1])
  })

  it('[R-E07] names, labels and slots that match nothing are failures, not zeros', async () => {
    await begun()
    const of = (more: Readonly<Record<string, unknown>>, like: RegExp) => failureOf(sourceOf(prometheus, more), like)
    await of({ requests: 'no_requests_total', errors: 'no_errors_total' }, /no series match no_requests_total/)
    await of({ latency: 'no_such_bucket' }, /has no sample of no_such_bucket/)
    await of({ errors: 'no_errors_total' }, /has no sample of no_errors_total/)
    await of({ errors: 'http_requests_total{code=~"5.."}' }, /has the label "code"/)
    await of({ slot: { green: 'verde' } }, /there are no series .* with slot="verde" \(slot green\).*absentSlot: idle/)
    await of({ inFlight: 'no_gauge' }, /has no sample of no_gauge/)
    await of({ slot: { label: 'colour' } }, /no series match/)
  })

  it('a slot that has no series yet is idle where the spec says so, and counts from 0 when it appears', async () => {
    const { source, first } = await begun({ slot: { green: 'verde' }, absentSlot: 'idle' })
    assert.deepEqual([first.slots.green.requests, histogramCount(first.slots.green.latency)], [0, 0])
    one.serve('verde' as 'green', { requests: 4, errors: 1 })
    const [blue, green] = deltas(first, await more(source, first, { green: 4 }))
    assert.deepEqual([blue?.requests, green?.requests, green?.errors], [0, 4, 1])
  })

  it('counts from the turn of an epoch on, and never more than happened', async () => {
    const source = sourceOf(prometheus, {}, 5000)
    let last = await look(source)
    let counted = 0
    let epochs = 0
    for (let round = 1; round <= 30 && epochs === 0; round++) {
      one.serve('green', { requests: 1 })
      const { scrapes } = one
      await until('the next scrape', () => one.scrapes > scrapes)
      const next = await look(source)
      epochs += next.epoch === last.epoch ? 0 : 1
      counted += difference(last.slots.green, next.slots.green, next.epoch === last.epoch)?.requests ?? 0
      last = next
      assert.ok(counted <= round && counted >= round - 2 - 2 * epochs, `${counted} of ${round}, ${epochs} turns`)
    }
    assert.equal(epochs, 1)
  })

  it("reads the embedded router's own page without being told a name", async () => {
    const source = sourceOf(prometheus, { requests: undefined, errors: undefined, latency: undefined })
    const first = await lookUntil(source, 'the router', () => true)
    for (let i = 0; i < 20; i++) await ask(routed)
    const [blue, green] = deltas(first, await more(source, first, { blue: 10, green: 10 }))
    assert.deepEqual([blue?.requests, green?.requests, blue?.errors, green?.errors], [10, 10, 0, 0])
    assert.equal(histogramCount(green!.latency), 10)
    assert.deepEqual([green?.inFlight, green?.waitingOldestMs], [0, 0])
  })

  it('[R-E07] NaN and infinity are failures that name the series', async () => {
    const { source } = await begun()
    for (const value of ['NaN', '+Inf']) {
      one.instead = `http_requests_total{slot="green",status="200"} ${value}\n`
      assert.match(await failureOf(source, /finite number/), /slot="green"/)
    }
    one.instead = null
    await lookUntil(source, 'numbers again', () => true)
  })
})

function deltas(earlier: MetricsSnapshot, later: MetricsSnapshot) {
  const sameEpoch = earlier.epoch === later.epoch
  return (['blue', 'green'] as const).map((slot) => difference(earlier.slots[slot], later.slots[slot], sameEpoch))
}
