/** The log in the database, for who checks, signs or exports it. Read in batches: no long snapshot, no large memory. */
import { appendLeaf, EMPTY_FRONTIER, type Frontier, treeRoot } from '../../core/audit/merkle.ts'
import { EVENT_COLUMNS, type SqlRow, storedEvent } from '../postgres/rows.ts'
import type { RunSql } from '../../ports/sql.ts'
import { sha256 } from '../event-data.ts'
import type { AuditKey } from './key.ts'
import { checkpointText, parseCheckpoint, signNote, verifierKey, type VerifierKey } from './note.ts'
import type { AuditSource } from './verify.ts'

/** What of the store is needed: one statement at a time. */
export type AuditedStore = { readonly sql: RunSql }

const BATCH = 1000

export type LogHead = { readonly origin: string; readonly frontier: Frontier; readonly lastPosition: number }

export async function logHead({ sql }: AuditedStore): Promise<LogHead> {
  const { rows } = await sql(`select log_id, size, frontier, (select max(position) from stellwerk.events) as last
    from stellwerk.log_head`)
  const row = rows[0]
  if (row === undefined) throw new Error('the head of the log is missing (table stellwerk.log_head is empty)')
  const frontier = { size: Number(row['size']), nodes: row['frontier'] as readonly Uint8Array[] }
  return { origin: `stellwerk/${row['log_id']}`, frontier, lastPosition: Number(row['last'] ?? 0) }
}

/** Events with their recorded leaves and seals, in order of position, after `first` (default: all) and up to `last`. */
export async function* logEntries({ sql }: AuditedStore, last: number, first = Number.MIN_SAFE_INTEGER) {
  const text = `select ${EVENT_COLUMNS}, leaf from stellwerk.events where position > $1 and position <= $2
    order by position limit ${BATCH}`
  let after = first
  for (;;) {
    const { rows } = await sql(text, [after, last], 'audit-entries')
    for (const row of rows)
      yield { event: storedEvent(row), leaf: row['leaf'] as Uint8Array, mac: row['mac'] as Uint8Array | null }
    if (rows.length < BATCH) return
    after = Number((rows.at(-1) as SqlRow)['position'])
  }
}

/** Whose log it is from now on: `key`'s, where it was nobody's. */
export async function claimSigner({ sql }: AuditedStore, key: VerifierKey): Promise<VerifierKey> {
  const { rows } = await sql('update stellwerk.log_head set signer = coalesce(signer, $1) returning signer', [key])
  return (rows[0]?.['signer'] as string | undefined) ?? key
}

export async function setSigner({ sql }: AuditedStore, key: VerifierKey): Promise<void> {
  await sql('update stellwerk.log_head set signer = $1 where signer is distinct from $1', [key])
}

/** Oldest first. */
export async function storedCheckpoints({ sql }: AuditedStore): Promise<readonly string[]> {
  const { rows } = await sql('select note from stellwerk.checkpoints order by size')
  return rows.map((row) => row['note'] as string)
}

/** The tree over the first `size` events, out of their recorded leaves. */
export async function frontierAt({ sql }: AuditedStore, size: number): Promise<Frontier> {
  let frontier = EMPTY_FRONTIER
  const text = `select leaf from stellwerk.events where position > $1 and position <= $2 order by position limit ${BATCH * 10}`
  for (;;) {
    const { rows } = await sql(text, [frontier.size, size], 'audit-leaves')
    for (const row of rows) frontier = appendLeaf(sha256, frontier, row['leaf'] as Uint8Array)
    if (rows.length < BATCH * 10) return frontier
  }
}

/** Signs the log as it is now, and keeps the note; null for an empty log. The same size is signed once. */
export async function signCheckpoint(store: AuditedStore, key: AuditKey): Promise<string | null> {
  const { origin, frontier } = await logHead(store)
  const { size } = frontier
  if (size === 0) return null
  const note = signNote(checkpointText({ origin, size, root: treeRoot(sha256, frontier) }), origin, key.privateKey)
  return keepCheckpoint(store, { size, note })
}

/** Answers the note that is kept for this size, which may be an earlier one. */
export async function keepCheckpoint(
  store: AuditedStore,
  { size, note }: { size: number; note: string },
): Promise<string> {
  const { rows } = await store.sql(
    `with kept as (
      insert into stellwerk.checkpoints (size, note, created_at)
      values ($1, $2, (extract(epoch from clock_timestamp()) * 1000)::bigint) on conflict do nothing returning note
    ) select note from kept union all select note from stellwerk.checkpoints where size = $1`,
    [size, note],
  )
  return (rows[0]?.['note'] as string | undefined) ?? note
}

/** What auditors check our checkpoints with. */
export async function auditVerifierKey(store: AuditedStore, key: AuditKey): Promise<VerifierKey> {
  return verifierKey((await logHead(store)).origin, key.publicKey)
}

export function databaseSource(store: AuditedStore): AuditSource {
  let last = 0
  let notes: readonly string[] = []
  return {
    isSealed: false,
    problems: () => [],
    checkpoints: async () => notes,
    entries: () => logEntries(store, last),
    async open() {
      notes = await storedCheckpoints(store)
      const { frontier, lastPosition } = await logHead(store)
      last = Math.max(lastPosition, frontier.size)
      const sizes = notes.flatMap((note) => parseCheckpoint(note)?.size ?? [])
      return { verifierKey: null, head: { size: frontier.size, root: treeRoot(sha256, frontier) }, sizes }
    },
  }
}
