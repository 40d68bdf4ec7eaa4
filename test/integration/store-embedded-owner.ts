/** A control plane that has started its database and is killed by the test. */
import { startEmbedded } from '../../src/store/embedded/index.ts'

const [folder = ''] = process.argv.slice(2)
const { pid, isOurs } = await startEmbedded({ folder, log: () => undefined, settings: { fsync: 'off' } })
process.send?.({ pid, isOurs })
setInterval(() => undefined, 1000)
