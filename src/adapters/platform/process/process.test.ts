import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { processPlatform } from './process.ts'

adapterContract({
  adapter: processPlatform,
  written: { command: 'node server.js', stopGrace: '5s', user: 'shop' },
  context: adapterContext(),
})
