/** The log's proofs: checkpoints signed at intervals, the whole log checked on demand, and exports checked without us. */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from '../core/time.ts'
import type { AuditReport } from '../engine/control-plane.ts'
import type { Log } from '../engine/log.ts'
import { ExportSource } from '../store/audit/export.ts'
import { auditOf } from '../store/audit/index.ts'
import { openAuditKey } from '../store/audit/key.ts'
import { verifyLog } from '../store/audit/verify.ts'
import type { PostgresStore } from '../store/postgres/index.ts'
import { systemClock } from './clock.ts'

export type AuditOptions = { readonly store: PostgresStore; readonly dataFolder: string; readonly log: Log }

export type Audit = {
  verify(): Promise<AuditReport>
  checkpoint(): Promise<{ readonly key: string; readonly checkpoint: string | null }>
  export(): AsyncIterable<string>
  stop(): Promise<void>
}

/** What was logged longer ago than this cannot be changed even by whoever holds the database, but not the key. */
const SIGN_EVERY_MS = 60_000

export async function openAudit({ store, dataFolder, log }: AuditOptions): Promise<Audit> {
  const key = await openAuditKey(join(dataFolder, 'keys'))
  const audit = auditOf(store, key)
  const stopping = new AbortController()
  const signing = (async () => {
    while (!stopping.signal.aborted) {
      await audit.sign().catch((error) => log.error('the log could not be signed', { error: String(error) }))
      await systemClock.sleepUntil(after(systemClock.now(), SIGN_EVERY_MS), stopping.signal).catch(() => undefined)
    }
  })()
  return {
    verify: () => audit.verify(),
    checkpoint: async () => ({ key: await audit.publicKey(), checkpoint: await audit.sign() }),
    export: () => audit.exportLines(),
    async stop() {
      stopping.abort()
      await signing
    },
  }
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
