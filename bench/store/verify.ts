/** Verifying a log of 100,000 events: recomputing every leaf and the tree, from the database and from an export. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExportSource } from '../../src/store/audit/export.ts'
import { auditOf } from '../../src/store/audit/index.ts'
import { openAuditKey } from '../../src/store/audit/key.ts'
import { verifyLog } from '../../src/store/audit/verify.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { withDatabase } from '../database.ts'
import { rounded, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'

const EVENTS = 100_000
const BATCH = 500

export const name = 'store: verify 100,000 events'

export async function run(): Promise<Benchmark> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-bench-key-'))
  const rows = await withDatabase(async (connectionString) => {
    const store = await openPostgresStore({ connectionString })
    const audit = auditOf(store, await openAuditKey(folder))
    const data = (n: number) => ({ n, component: 'api', ratio: n / 7, observed: { ready: true, instances: 2 } })
    const events = (from: number) =>
      Array.from({ length: BATCH }, (_, n) => ({ type: 'SlotObserved', data: data(from + n), actor: 'system' }))
    const rows: Record<string, string | number>[] = []
    const timed = async <T>(what: string, work: () => Promise<T>) => {
      const start = performance.now()
      const result = await work()
      const seconds = (performance.now() - start) / 1000
      rows.push({ what, seconds: rounded(seconds, 3), 'events/s': rounded(EVENTS / seconds, 0) })
      return result
    }
    await timed(`append, ${BATCH} per transaction`, async () => {
      for (let n = 0; n < EVENTS; n += BATCH) await store.transact((tx) => tx.append(`s${n}`, 0, events(n)))
    })
    await audit.sign()
    const inDatabase = await timed('verify in the database', () => audit.verify())
    const lines = await timed('export', () => Array.fromAsync(audit.exportLines()))
    const inExport = await timed('verify the export', () => verifyLog(new ExportSource(lines)))
    await timed('baseline: SHA-256 of the export’s lines', async () =>
      lines.forEach((line) => createHash('sha256').update(line).digest()),
    )
    await timed('prove 200 events', () =>
      audit.prove(
        Array.from({ length: 200 }, (_, n) => n * 400 + 1),
        EVENTS,
      ),
    )
    if (!inDatabase.ok || !inExport.ok || inDatabase.events !== EVENTS) throw new Error('the log does not verify')
    await store.close()
    const baseline = Number(rows.find(({ what }) => String(what).startsWith('baseline'))?.['seconds'])
    return rows.map((row) => ({ ...row, 'against the baseline': times(Number(row['seconds']) / baseline) }))
  })
  await rm(folder, { recursive: true, force: true })
  return { title: name, rows, notes: ['One pass, constant memory, one core.'] }
}
