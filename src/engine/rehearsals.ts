/**
 * What was rehearsed of the ways back: one stream of `RollbackRehearsed` events per service and environment, in the log that
 * all control planes of a database share. The row beside it is for lists, and can be made again from the log (law L2).
 */
import { canonicalJson, type Json } from '../core/json.ts'
import { type KeptRehearsal, type RehearsalRecord, rehearsalStream } from '../core/rollback-path.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Store, StoreTransaction, StreamFacts, StreamRow } from '../ports/store.ts'
import type { OnceKey } from '../ports/identity.ts'
import type { Answer } from './control-plane.ts'
import { answerOnce } from './once.ts'

/** So many of the newest are looked at: several branches may be rehearsed at the same time, each with a way of its own. */
const LOOKED_AT = 200

type HandedOver = { readonly record: RehearsalRecord; readonly by: Actor; readonly once: OnceKey | null }

export async function keepRehearsal(store: Store, { record, by, once }: HandedOver): Promise<Answer<KeptRehearsal>> {
  const { answer } = await store.transact((tx) =>
    answerOnce<KeptRehearsal, { readonly answer: Answer<KeptRehearsal> }>(tx, once, async () => {
      return { answer: { ok: true, value: await append(tx, record, by) } }
    }),
  )
  return answer
}

async function append(tx: StoreTransaction, record: RehearsalRecord, by: Actor): Promise<KeptRehearsal> {
  const stream = rehearsalStream(record)
  const version = (await tx.lock(stream))?.version ?? 0
  const token = by.token === undefined ? {} : { token: by.token }
  await tx.append(stream, version, [
    { type: 'RollbackRehearsed', data: record as unknown as Json, actor: by.id, ...token },
  ])
  const { row, facts } = rehearsalRow(record, version + 1)
  await tx.saveStream(row, facts)
  return { record, by: by.id, keptAt: tx.now() }
}

/** What stands beside the log of an environment's rehearsals: made of its newest event alone. */
export function rehearsalRow(
  record: RehearsalRecord,
  version: number,
): { readonly row: StreamRow; readonly facts: StreamFacts } {
  const { service, environment, path } = record
  return {
    row: { stream: rehearsalStream(record), version, state: null, nextDue: null },
    facts: { kind: 'rehearsal', service, environment, version: path, phase: 'recorded', final: false },
  }
}

/** The newest last. Of each way back the newest one only. */
export async function keptRehearsals(
  store: Pick<Store, 'row' | 'read'>,
  service: string,
  environment: string,
): Promise<readonly KeptRehearsal[]> {
  const stream = rehearsalStream({ service, environment })
  const row = await store.row(stream)
  if (row === null) return []
  const events = await store.read(stream, Math.max(0, row.version - LOOKED_AT))
  const kept = new Map<string, KeptRehearsal>()
  for (const { type, data, actor, at, forged } of events) {
    if (type !== 'RollbackRehearsed' || forged) continue
    const record = data as unknown as RehearsalRecord
    const way = canonicalJson(record.path)
    kept.delete(way)
    kept.set(way, { record, by: actor, keptAt: at })
  }
  return [...kept.values()]
}
