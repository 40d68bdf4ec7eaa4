/** Expand migrations, run by the release before the candidate takes traffic. They only add; run twice, nothing changes. */
import { histogram } from './metrics.ts'
import { openStore } from './store.ts'

const { DATABASE_URL } = process.env
if (!DATABASE_URL) {
  console.error('cannot migrate: DATABASE_URL must be set')
  process.exit(1)
}
const store = openStore(DATABASE_URL, histogram('migration_seconds', 'Not exposed.'), () => {})
async function main(): Promise<void> {
  await store.prepare()
  await store.close()
  console.log('the schema is up to date')
}

main().catch((error: Error) => {
  console.error(`failed: ${error.message}`)
  process.exit(1)
})
