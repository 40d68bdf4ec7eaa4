import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { routerMetrics } from './router.ts'

adapterContract({
  adapter: routerMetrics,
  written: {},
  context: adapterContext(),
})
