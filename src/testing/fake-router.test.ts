import { fakeRouter } from './fake-router.ts'
import { routerContract } from './router-contract.ts'

routerContract({
  name: 'fake',
  setup: async () => ({ router: fakeRouter(), end: async () => undefined }),
  upstreams: ['10.0.0.1:80', '10.0.0.2:80'],
})
