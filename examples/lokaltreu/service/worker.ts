/**
 * The worker: sends the rewards that tills have redeemed. No router leads to it; it takes jobs from the database from the moment
 * it runs, so that Stellwerk starts it at the switch (R-D16). The port is for its health alone.
 */
import { required } from '../../shared/lines.ts'
import { serve } from '../../shared/serve.ts'
import { histogram } from './metrics.ts'
import { openStore } from './store.ts'

const EVERY_MS = 1000
const [databaseUrl = ''] = required('DATABASE_URL')
const store = openStore(databaseUrl, histogram('worker_seconds', 'Not exposed.'), () => {})
let problem: string | null = 'the database has not answered yet'
let sent = 0

async function work(): Promise<void> {
  try {
    sent += await store.sendRewards()
    problem = null
  } catch (error) {
    problem = `the database does not answer: ${error instanceof Error && 'code' in error ? error.code : 'unknown'}`
  }
  console.log(JSON.stringify({ level: 'info', service: 'lokaltreu-worker', message: 'rewards sent', sent }))
}

setInterval(() => void work(), EVERY_MS)
void work()
serve('lokaltreu-worker', {}, async () => problem)
