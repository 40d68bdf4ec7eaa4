import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { embeddedRouter } from './embedded.ts'

adapterContract({
  adapter: embeddedRouter,
  written: { listen: '127.0.0.1:8080', sticky: { cookie: 'session' }, timeout: '10s' },
  context: adapterContext(),
})
