/** Routes counted by themselves: a real router, real requests, and what the control plane makes of them. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { routerMetrics } from '../../src/adapters/metrics/router/router.ts'
import { embeddedRouter } from '../../src/adapters/router/embedded/embedded.ts'
import { systemClock } from '../../src/composition/clock.ts'
import type { RouterInfo } from '../../src/router/view.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'
import { ask, backend, desired, endRouter, put, startRouter } from './router-world.ts'

const TARGET = { service: 'shop', environment: 'prod', component: 'api' }

test('[R-E03] the router tells what is asked for most, and what was declared, with errors and slow ones', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'stellwerk-router-'))
  mkdirSync(join(dataFolder, 'router'))
  const folder = join(dataFolder, 'router')
  const { client } = await startRouter(t, folder)
  t.after(async () => {
    await endRouter(folder)
    rmSync(dataFolder, { recursive: true, force: true })
  })
  const { address } = await backend(t, (req, res) => res.writeHead(req.url === '/cart' ? 500 : 200).end())
  const around = adapterContext({ target: TARGET, host: { dataFolder, environment: {} }, clock: systemClock })
  const router = embeddedRouter.create(embeddedRouter.options.parse({ kind: 'embedded' }), around)
  const source = await routerMetrics.create({ kind: 'router' }, { ...around, router: async () => router })
  const segments = { declared: ['GET /orders/:id'], learn: 2 }
  const asked = { ...segments, slowMs: 60_000 }

  const routed = await put(client, 'shop:prod:api', {
    ...desired(1, 0, { blue: [address], green: [address] }),
    segments,
  })
  for (const path of ['/orders/1', '/orders/2', '/cart', '/cart', '/', '/']) await ask(routed, { path })

  const told = await source.collect(AbortSignal.timeout(10_000), [], asked)
  assert.ok(told.ok, JSON.stringify(told))
  const { blue, green } = told.value.slots
  assert.deepEqual(blue.segments?.['GET /orders/:id'], [2, 0, 0])
  assert.deepEqual(blue.segments?.['GET /cart'], [2, 2, 0])
  assert.deepEqual(green.segments?.['GET /cart'], [0, 0, 0])
  assert.equal(blue.requests, 6)
  assert.deepEqual(Object.keys(blue.segments!).toSorted(), ['GET /', 'GET /cart', 'GET /orders/:id'])

  const all = await source.collect(AbortSignal.timeout(10_000), [], { ...asked, slowMs: 0 })
  assert.ok(all.ok)
  assert.deepEqual(all.value.slots.blue.segments?.['GET /'], [2, 0, 2])

  const unasked = await source.collect(AbortSignal.timeout(10_000))
  assert.ok(unasked.ok)
  assert.equal(unasked.value.slots.blue.segments, undefined)

  const { url, token } = JSON.parse(readFileSync(join(folder, 'router.json'), 'utf8')) as RouterInfo
  const headers = { authorization: `Bearer ${token}` }
  const { body: page } = await ask(url.replace('http://', ''), { path: '/metrics', headers })
  assert.match(
    page,
    /stellwerk_router_segment_errors_total\{route="shop:prod:api",slot="blue",segment="GET \/cart"\} 2/,
  )
})
