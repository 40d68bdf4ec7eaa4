/** The embedded router as an adapter, a real router process behind it: what every router promises. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedRouter } from '../../src/adapters/router/embedded/embedded.ts'
import { forgetRouter } from '../../src/adapters/router/embedded/reach.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'
import { routerContract } from '../../src/testing/router-contract.ts'
import { endRouter } from './router-world.ts'

routerContract({
  name: 'embedded',
  setup: async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'stellwerk-router-'))
    mkdirSync(join(dataFolder, 'router'))
    const host = { dataFolder, environment: {} }
    const options = embeddedRouter.options.parse({ kind: 'embedded', listen: '127.0.0.1:0' })
    return {
      router: await embeddedRouter.create(options, adapterContext({ host, clock: systemClock })),
      end: async () => {
        forgetRouter(host)
        await endRouter(join(dataFolder, 'router'))
        rmSync(dataFolder, { recursive: true, force: true })
      },
    }
  },
  upstreams: ['127.0.0.1:9', '127.0.0.1:10'],
})
