/** A writer in a process of its own, for tests that kill it. Sends one message when it is at work. */
import { openPostgresStore } from '../../src/store/postgres/index.ts'

const [mode, stream = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString: process.env['DATABASE'] ?? '' })
const event = { type: 'Written', data: { by: process.pid }, actor: 'system' }

if (mode === 'hold') {
  await store.transact(async (tx) => {
    const row = await tx.lock(stream)
    await tx.append(stream, row?.version ?? 0, [event])
    process.send?.('holding')
    await new Promise(() => setInterval(() => undefined, 1000))
  })
}

for (let version = 0; ; version += 2) {
  await store.transact((tx) => tx.append(stream, version, [event, event]))
  if (version === 0) process.send?.('writing')
}
