/**
 * Takes load off while a release is rolled back: claims are paused, and start again by themselves. `node mitigate.js 10` pauses
 * them for ten minutes. Nobody has to remember to undo it (R-F02).
 */
import { histogram } from './metrics.ts'
import { openStore } from './store.ts'

const { DATABASE_URL } = process.env
const minutes = Number(process.argv[2])
if (!DATABASE_URL || !Number.isInteger(minutes) || minutes < 1 || minutes > 60) {
  console.error('usage: DATABASE_URL=postgres://… node mitigate.js MINUTES (1 to 60)')
  process.exit(2)
}
const store = openStore(DATABASE_URL, histogram('mitigation_seconds', 'Not exposed.'), () => {})
async function main(): Promise<void> {
  await store.pauseClaims(minutes)
  await store.close()
  console.log(`claims are paused for ${minutes} minutes`)
}

main().catch((error: Error) => {
  console.error(`failed: ${error.message}`)
  process.exit(1)
})
