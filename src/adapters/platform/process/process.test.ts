import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { processPlatform } from './process.ts'

adapterKeys({
  port: 'platform',
  kind: 'process',
  written: { command: 'node server.js' },
  keys: {
    command: ['node other.js'],
    stopGrace: ['3s'],
    hungAfter: ['40s'],
    logSize: ['20MB'],
    user: ['app'],
    logFiles: [5],
  },
})

adapterContract({
  adapter: processPlatform,
  written: { command: 'node server.js', stopGrace: '5s', user: 'shop' },
  context: adapterContext(),
})
