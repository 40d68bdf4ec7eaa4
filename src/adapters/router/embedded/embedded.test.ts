import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { embeddedRouter } from './embedded.ts'

adapterKeys({
  port: 'router',
  kind: 'embedded',
  written: { listen: '127.0.0.1:8080' },
  keys: {
    listen: ['127.0.0.1:8090'],
    'sticky.cookie': ['other', { listen: '127.0.0.1:8080', sticky: { cookie: 'session' } }],
    'sticky.header': ['x-other', { listen: '127.0.0.1:8080', sticky: { header: 'x-session' } }],
    timeout: ['20s'],
    deadline: ['4s'],
    drain: ['20s'],
    trustedProxies: [['10.0.0.1']],
  },
})

adapterContract({
  adapter: embeddedRouter,
  written: { listen: '127.0.0.1:8080', sticky: { cookie: 'session' }, timeout: '10s' },
  context: adapterContext(),
})
