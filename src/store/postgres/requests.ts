/** Answers to requests that may be repeated. Whoever claims a key waits for the one who claims it at the same time. */
import type { Json } from '../../core/json.ts'
import type { Instant } from '../../core/time.ts'
import type { RunSql } from '../../ports/sql.ts'
import type { OnceKey, Recalled } from '../../ports/store.ts'

export async function recallRequest(run: RunSql, { owner, key, fingerprint }: OnceKey): Promise<Recalled> {
  const { rows } = await run(READ, [owner, key], 'recall-request')
  const [row] = rows
  if (row === undefined || row['answer'] === null) return { kind: 'first' }
  if (row['fingerprint'] !== fingerprint) return { kind: 'other' }
  return { kind: 'known', answer: JSON.parse(row['answer'] as string) as Json }
}

/** Inside a transaction: ours until it ends, unless it was answered before. */
export async function claimRequest(run: RunSql, once: OnceKey, now: Instant): Promise<Recalled> {
  const { rows } = await run(CLAIM, [once.owner, once.key, once.fingerprint, now], 'claim-request')
  return rows.length > 0 ? { kind: 'first' } : recallRequest(run, once)
}

export async function answerRequest(run: RunSql, { owner, key, fingerprint }: OnceKey, answer: Json): Promise<void> {
  await run(ANSWER, [owner, key, fingerprint, JSON.stringify(answer)], 'answer-request')
}

const CLAIM = /* sql */ `
insert into stellwerk.requests (owner, key, fingerprint, at) values ($1, $2, $3, $4) on conflict do nothing returning key`

const READ = /* sql */ `select fingerprint, answer::text as answer from stellwerk.requests where owner = $1 and key = $2`

const ANSWER = /* sql */ `
update stellwerk.requests set fingerprint = $3, answer = $4::json where owner = $1 and key = $2`
