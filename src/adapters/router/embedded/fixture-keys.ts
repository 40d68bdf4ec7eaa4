import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

export const keys: AdapterKeys = {
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
}
