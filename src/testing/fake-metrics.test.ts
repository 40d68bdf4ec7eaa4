import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { difference } from '../core/analysis/difference.ts'
import { histogramCount, histogramQuantile } from '../core/histogram.ts'
import { after, instant } from '../core/time.ts'
import { failure } from '../ports/result.ts'
import { binomial, type FakeMetrics, fakeMetrics, HEALTHY, poisson, randomFrom } from './fake-metrics.ts'
import { metricsSourceContract } from './metrics-contract.ts'

metricsSourceContract('the fake', async () => {
  const source = fakeMetrics({ seed: 1, now: () => instant(0) })
  return {
    source,
    serve: async (slot, done) => source.add(slot, { ...done, latencyMs: 40 }),
    restart: async () => source.restart(),
    breakDown: async () => source.fail(failure('transient', 'the router does not answer (connection refused)')),
    stop: async () => {},
  }
})

describe('fake metrics', () => {
  it('splits Poisson traffic by weight and errs at the rate it is told, the same for the same seed', async () => {
    const first = await run(7)
    assert.deepEqual(first, await run(7))
    assert.notDeepEqual(first, await run(8))
    assert.ok(Math.abs(first.blue - 18_000) < 600, `blue had ${first.blue}`)
    assert.ok(Math.abs(first.green - 2_000) < 200, `green had ${first.green}`)
    assert.ok(Math.abs(first.errors - 100) < 40, `green erred ${first.errors} times`)
    assert.ok(Math.abs((first.p95 ?? 0) - 273) < 30, `p95 was ${first.p95}`)
  })

  it('lets a frozen slot complete nothing while what it owes grows old', async () => {
    let now = instant(0)
    const source = fakeMetrics({ seed: 3, now: () => now, traffic: { rps: 20, weights: { blue: 50, green: 50 } } })
    source.change({ green: { ...HEALTHY, frozen: true } })
    now = after(now, 10_000)
    const green = (await snapshot(source)).slots.green
    assert.equal(green.requests, 0)
    assert.ok(green.inFlight > 50 && green.waitingOldestMs > 9000, JSON.stringify(green))
  })

  it('draws Poisson and binomial numbers with the right mean and spread', () => {
    const random = randomFrom(11)
    const draws = Array.from({ length: 4000 }, () => poisson(random, 9))
    const hits = Array.from({ length: 4000 }, () => binomial(random, 40, 0.3))
    assert.ok(Math.abs(mean(draws) - 9) < 0.3 && Math.abs(variance(draws) - 9) < 0.9)
    assert.ok(Math.abs(mean(hits) - 12) < 0.3 && Math.abs(variance(hits) - 8.4) < 0.9)
  })
})

async function run(seed: number) {
  let now = instant(0)
  const behaviour = { ...HEALTHY, errorRate: 0.05 }
  const source = fakeMetrics({
    seed,
    now: () => now,
    traffic: { rps: 20, weights: { blue: 90, green: 10 }, green: behaviour },
  })
  const begin = await snapshot(source)
  for (let tick = 0; tick < 200; tick++) {
    now = after(now, 5000)
    await snapshot(source)
  }
  const end = await snapshot(source)
  const green = difference(begin.slots.green, end.slots.green, true)
  assert.ok(green !== null)
  assert.equal(histogramCount(green.latency), green.requests)
  const p95 = histogramQuantile(green.latency, 0.95)
  return { blue: end.slots.blue.requests, green: green.requests, errors: green.errors, p95 }
}

async function snapshot(source: FakeMetrics) {
  const result = await source.collect(AbortSignal.timeout(1000))
  assert.ok(result.ok)
  return result.value
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function variance(values: readonly number[]): number {
  const middle = mean(values)
  return mean(values.map((value) => (value - middle) ** 2))
}
