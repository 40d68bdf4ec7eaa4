/** Answers to requests that may be repeated. Whoever claims a key waits for the one who claims it at the same time. */
import type { Json } from '../../core/json.ts'
import type { Instant } from '../../core/time.ts'
import type { RunSql } from '../../ports/sql.ts'
import { type LogGuard, requestText } from '../seal.ts'
import type { OnceKey, Recalled } from '../../ports/identity.ts'

export async function recallRequest(run: RunSql, once: OnceKey, guard: LogGuard): Promise<Recalled> {
  const { owner, key, fingerprint } = once
  const { rows } = await run(READ, [owner, key], 'recall-request')
  const [row] = rows
  if (row === undefined || row['answer'] === null) return { kind: 'first' }
  if (row['fingerprint'] !== fingerprint) return { kind: 'other' }
  if (!guard.holds(requestText(once, row['answer'] as string), row['mac'] as Uint8Array | null)) {
    guard.forged(`the answer kept for a request of ${owner} was not written by the control plane`)
    return { kind: 'other' }
  }
  return { kind: 'known', answer: JSON.parse(row['answer'] as string) as Json }
}

/** Inside a transaction: ours until it ends, unless it was answered before. */
type Claiming = { readonly now: Instant; readonly guard: LogGuard }

export async function claimRequest(run: RunSql, once: OnceKey, { now, guard }: Claiming): Promise<Recalled> {
  const { rows } = await run(CLAIM, [once.owner, once.key, once.fingerprint, now], 'claim-request')
  return rows.length > 0 ? { kind: 'first' } : recallRequest(run, once, guard)
}

type Answering = { readonly once: OnceKey; readonly answer: Json; readonly guard: LogGuard }

export async function answerRequest(run: RunSql, { once, answer, guard }: Answering): Promise<void> {
  const { owner, key, fingerprint } = once
  const text = JSON.stringify(answer)
  await run(ANSWER, [owner, key, fingerprint, text, guard.seal(requestText(once, text))], 'answer-request')
}

const CLAIM = /* sql */ `
insert into stellwerk.requests (owner, key, fingerprint, at) values ($1, $2, $3, $4) on conflict do nothing returning key`

const READ = /* sql */ `select fingerprint, answer::text as answer, mac from stellwerk.requests where owner = $1 and key = $2`

const ANSWER = /* sql */ `
update stellwerk.requests set fingerprint = $3, answer = $4::json, mac = decode($5, 'hex') where owner = $1 and key = $2`
