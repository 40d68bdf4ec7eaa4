/** Routes that a Prometheus tells by a label, `metrics.segmentLabel`: counted exactly, and judged by themselves. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Segments, Slot } from '../../src/core/observed.ts'
import type { SegmentsQuery } from '../../src/ports/metrics-source.ts'
import { until } from '../../src/testing/until.ts'
import { Exporter, missing, type Prometheus, sourceOf, startPrometheus } from './prometheus-world.ts'
import { type Rollout, ruledRollout } from './rules-world.ts'

const skip = missing()
const ALL: SegmentsQuery = { declared: [], learn: 20, slowMs: null }

/** Between the edges of 300 and 400 ms. */
const SLOW_MS = 390

describe('segments by a label of a real Prometheus', { skip }, () => {
  let prometheus: Prometheus
  let one: Exporter
  let two: Exporter
  before(async () => {
    ;[one, two] = [await Exporter.start(), await Exporter.start()]
    one.serve('blue', { route: '/cards', requests: 700, errors: 3 })
    two.serve('blue', { route: '/cards', requests: 180, errors: 1 })
    two.serve('blue', { route: '/cards', requests: 20, latencyMs: SLOW_MS })
    one.serve('blue', { route: '/stamps', requests: 90 })
    one.serve('green', { route: '/cards', requests: 80 })
    two.serve('green', { route: '/stamps', requests: 30, errors: 30, latencyMs: SLOW_MS })
    two.serve('green', { route: '/rare', requests: 2, errors: 1 })
    // Requests without a route are part of the whole alone.
    one.serve('blue', { requests: 1000 })
    one.serve('green', { requests: 100, errors: 50 })
    prometheus = await startPrometheus({ instances: [one.address, two.address] })
  })
  after(async () => {
    one.close()
    two.close()
    await prometheus.stop()
  })

  type Told = Readonly<Record<Slot, Segments | undefined>> & { readonly blueRequests: number }
  async function told(asked: SegmentsQuery | undefined, more: object = { segmentLabel: 'route' }): Promise<Told> {
    const source = sourceOf(prometheus, { ...more })
    const look = async () => {
      const found = await source.collect(AbortSignal.timeout(5000), [], asked)
      if (!found.ok) throw new Error(found.message)
      const { blue, green } = found.value.slots
      if (blue.requests < 1990 || green.requests < 212) throw new Error(JSON.stringify(found.value.slots))
      return { blue: blue.segments, green: green.segments, blueRequests: blue.requests }
    }
    return until('both instances', look, { timeoutMs: 30_000, everyMs: 100 })
  }

  it('[R-E03] are summed over instances, slot by slot, with 5xx and what is slower than was asked about', async () => {
    const { blue, green, blueRequests } = await told({ ...ALL, slowMs: 300 })
    assert.deepEqual(blue, { '/cards': [900, 4, 20], '/stamps': [90, 0, 0], '/rare': [0, 0, 0] })
    assert.deepEqual(green, { '/cards': [80, 0, 0], '/stamps': [30, 30, 30], '/rare': [2, 1, 0] })
    assert.equal(blueRequests, 1990)
    const { green: all } = await told({ ...ALL, slowMs: 350 })
    assert.deepEqual(all?.['/stamps'], [30, 30, 0], 'what is slow is told by the next edge above it, 400 ms')
  })

  it('are the declared ones and the largest of the others, and none where nobody asks or no label is named', async () => {
    const names = async (declared: readonly string[], learn: number) =>
      Object.keys((await told({ declared, learn, slowMs: null })).green ?? {})
    assert.deepEqual(await names([], 2), ['/cards', '/stamps'])
    assert.deepEqual(await names(['/rare', '/never'], 1), ['/rare', '/cards'])
    assert.equal((await told(undefined)).green, undefined)
    assert.equal((await told(ALL, {})).green, undefined)
    assert.deepEqual((await told(ALL, { segmentLabel: 'tenant' })).green, {})
  })
})

describe('a rollout over a real Prometheus that tells routes', { skip, timeout: 120_000 }, () => {
  let prometheus: Prometheus
  let rollout: Rollout
  before(async () => {
    const routes = ['/payments', ...Array.from({ length: 19 }, (_, index) => `/${'abcdefghijklmnopqrs'[index]}`)]
    const next = { blue: 0, green: 0 }
    rollout = await ruledRollout('routes', {
      analysis: '[{ metric: error-rate, compare: sequential, max: 20% }]',
      metrics: 'segmentLabel: route',
      hold: '1m',
      serve: (slot, requests, exporter) => {
        exporter.serve(slot, { requests: 0 })
        for (let asked = 0; asked < requests; asked++) {
          const route = routes[next[slot]++ % routes.length]!
          const errors = slot === 'green' && route === '/payments' ? 1 : 0
          exporter.serve(slot, { route, requests: 1, errors })
        }
      },
    })
    const labels = { service: 'routes', environment: 'prod' }
    prometheus = await startPrometheus({
      instances: [],
      labelled: [{ address: rollout.exporter.address, labels }],
    })
  })
  after(async () => {
    await rollout.stop()
    await prometheus.stop()
  })

  it('[R-E03] goes back for one dead route of twenty, within the limit of the whole, and names it', async () => {
    const id = await rollout.release(prometheus.url)
    const { phase, reason } = await rollout.viewUntil(id, 'an end', ({ final }) => final)
    assert.equal(phase, 'rolled-back', reason ?? '')
    assert.match(reason ?? '', /api: \/payments is bad at the candidate: (\d+) of \1 requests failed, of live's, 0 of /)
  })
})
