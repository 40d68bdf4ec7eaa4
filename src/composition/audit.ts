/** The log's proofs: checkpoints signed at intervals, the whole log checked on demand, and exports checked without us. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { after } from '../core/time.ts'
import type { AuditReport } from '../engine/control-plane.ts'
import type { Log } from '../ports/log.ts'
import { ExportSource, exportLog } from '../store/audit/export.ts'
import type { AuditKey } from '../store/audit/key.ts'
import { databaseSource } from '../store/audit/source.ts'
import { verifyLog } from '../store/audit/verify.ts'
import type { PostgresStore } from '../store/postgres/index.ts'
import { systemClock } from './clock.ts'
import type { Trust } from './trust.ts'

export type AuditOptions = {
  readonly store: PostgresStore
  readonly trust: Trust
  readonly key: AuditKey
  readonly log: Log
}

export type Audit = {
  verify(): Promise<AuditReport>
  checkpoint(): Promise<{ readonly key: string; readonly checkpoint: string | null }>
  export(): AsyncIterable<string>
  stop(): Promise<void>
}

/** What was logged longer ago than this cannot be changed even by whoever holds the database, but not the key. */
const SIGN_EVERY_MS = 60_000
const LOOK_EVERY_MS = 5000

/** `trust` has begun. */
export function openAudit({ store, trust, key, log }: AuditOptions): Audit {
  const stopping = new AbortController()
  const following = follow(trust, log, stopping.signal)
  return {
    verify: () => verified(store, trust),
    checkpoint: async () => ({ key: trust.publicKey(), checkpoint: await trust.sign() }),
    export: () => exportLog(store, key, () => trust.sign()),
    async stop() {
      stopping.abort()
      await following
    },
  }
}

async function follow(trust: Trust, log: Log, signal: AbortSignal): Promise<void> {
  for (let sinceMs = SIGN_EVERY_MS; !signal.aborted; sinceMs += LOOK_EVERY_MS) {
    const isDue = sinceMs >= SIGN_EVERY_MS
    const failed = (error: unknown) => log.error('the log could not be followed or signed', { error: String(error) })
    await (isDue ? trust.sign() : trust.look()).catch(failed)
    if (isDue) sinceMs = 0
    await systemClock.sleepUntil(after(systemClock.now(), LOOK_EVERY_MS), signal).catch(() => undefined)
  }
}

/** The database against the key and the checkpoints of the data folder. */
async function verified(store: PostgresStore, trust: Trust): Promise<AuditReport> {
  await trust.look()
  const report = await verifyLog(databaseSource(store), {
    publicKey: trust.publicKey(),
    anchors: trust.kept(),
    isOwn: true,
  })
  const doubts = trust.guard.doubts()
  const accepted = trust.guard.acceptedUpTo()
  const said = `events 1 to ${accepted} were what was logged: they were accepted as they were, by name`
  if (doubts === null) return accepted === 0 ? report : { ...report, unproven: [...report.unproven, said] }
  const problems = [...report.problems, { position: null, message: `the control plane does not trust it: ${doubts}` }]
  return { ...report, ok: false, verdict: 'not-intact', proven: [], problems }
}

/** What the reader of an export brings along; see `VerifyOptions`. */
export type Brought = {
  readonly key: string | null
  readonly checkpoints: readonly string[]
  readonly trustOwnKey: boolean
}

/** Checks an export without us; what is no export is a report with the reason, not an exception. */
export async function verifyExport(
  lines: AsyncIterable<string> | string,
  { key, checkpoints, trustOwnKey }: Brought,
): Promise<AuditReport> {
  const options = { anchors: checkpoints, trustOwnKey, ...(key === null ? {} : { publicKey: key }) }
  return verifyLog(new ExportSource(typeof lines === 'string' ? linesOf(lines) : lines), options)
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
}
