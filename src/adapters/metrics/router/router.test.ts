import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { routerMetrics } from './router.ts'

adapterKeys({ port: 'metrics', kind: 'router', written: {}, keys: {} })

adapterContract({
  adapter: routerMetrics,
  written: {},
  context: adapterContext(),
})
