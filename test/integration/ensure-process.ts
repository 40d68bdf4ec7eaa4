/** A control plane in a process of its own, for tests that kill it: performs one `ensure`, says what came, and stays. */
import { order } from '../../src/testing/platform-contract.ts'
import { platformOf, desiredOf } from './platform-process-setup.ts'

const [dataFolder, ref, digest, fence] = process.argv.slice(2)
const desired = desiredOf('r1', 'healthy', { ref: ref!, digest: digest! })
const answer = await platformOf(dataFolder!).ensure('blue', desired, order({ fence: Number(fence) }))
console.log(JSON.stringify(answer))
setInterval(() => {}, 1000)
