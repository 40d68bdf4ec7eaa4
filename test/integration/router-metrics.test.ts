/** The embedded router's counts as a metrics source: a real router, real requests. */
import { routerMetrics } from '../../src/adapters/metrics/router/router.ts'
import { embeddedRouter } from '../../src/adapters/router/embedded/embedded.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'
import { metricsSourceContract } from '../../src/testing/metrics-contract.ts'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Slot } from '../../src/core/observed.ts'
import { ask, backend, killRouter, put, startRouter, value, desired } from './router-world.ts'

const TARGET = { service: 'shop', environment: 'prod', component: 'api' }
const KEY = 'shop:prod:api'

metricsSourceContract('the embedded router', async () => {
  const ending: (() => unknown)[] = []
  const setup = { after: (done: () => unknown) => ending.unshift(done) } as unknown as TestContext
  const dataFolder = mkdtempSync(join(tmpdir(), 'stellwerk-router-'))
  setup.after(() => rmSync(dataFolder, { recursive: true, force: true }))
  mkdirSync(join(dataFolder, 'router'))
  const router = await startRouter(setup, join(dataFolder, 'router'))
  const { client } = router
  const answering = (status: (path: string) => number) =>
    backend(setup, (req, res) => res.writeHead(status(req.url ?? '')).end())
  const backends = { blue: await answering(statusOf), green: await answering(statusOf) }
  const sides = { blue: [backends.blue.address], green: [backends.green.address] }
  const host = { dataFolder, environment: {} }
  const around = adapterContext({ target: TARGET, host, clock: systemClock })
  const options = embeddedRouter.options.parse({ kind: 'embedded' })
  const context = { ...around, router: () => embeddedRouter.create(options, around) }
  let generation = 0
  const send = async (slot: Slot, paths: readonly string[]) => {
    const routed = await put(client, KEY, desired((generation += 1), slot === 'green' ? 100 : 0, sides))
    for (const path of paths) await ask(routed, { path })
  }
  await send('blue', [])
  return {
    source: await routerMetrics.create({ kind: 'router' }, context),
    serve: (slot, { requests, errors }) =>
      send(
        slot,
        Array.from({ length: requests }, (_, index) => (index < errors ? '/500' : '/200')),
      ),
    restart: async () => {
      value(await client.remove(KEY, (generation += 1)))
    },
    breakDown: () => killRouter(router),
    stop: async () => {
      for (const done of ending) await done()
    },
  }
})

function statusOf(path: string): number {
  return Number(path.slice(1))
}
