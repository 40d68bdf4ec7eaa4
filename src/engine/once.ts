/** Requests that may be repeated: one effect, and one answer for all of them. */
import { english, say } from '../core/say.ts'
import { refusal } from './refusals.ts'
import type { Json } from '../core/json.ts'
import type { Store, StoreTransaction } from '../ports/store.ts'
import type { OnceKey, Recalled } from '../ports/identity.ts'
import type { Answer, Refusal } from './control-plane.ts'

/** What was answered before, or null when this is the first. */
export async function answeredBefore<T>(store: Store, once: OnceKey | null): Promise<Answer<T> | null> {
  return once === null ? null : answerOf<T>(once, await store.recall(once))
}

/**
 * Does `work` and keeps its answer, in the transaction of both; or answers what was answered before. A refusal by the core
 * is an answer like any other: it stands in the log too.
 */
export async function answerOnce<T, R extends { readonly answer: Answer<T> }>(
  tx: StoreTransaction,
  once: OnceKey | null,
  work: () => Promise<R>,
): Promise<R | { readonly answer: Answer<T> }> {
  if (once === null) return work()
  const before = answerOf<T>(once, await tx.claim(once))
  if (before !== null) return { answer: before }
  const done = await work()
  await tx.answer(once, done.answer as unknown as Json)
  return done
}

function answerOf<T>({ key }: OnceKey, recalled: Recalled): Answer<T> | null {
  if (recalled.kind === 'first') return null
  return recalled.kind === 'known' ? (recalled.answer as unknown as Answer<T>) : reused(key)
}

/** Also for those who keep answers of their own. */
export function reused(key: string): Refusal {
  const said = say`the Idempotency-Key "${key}" was used for another request before; nothing was done. Send a new key with a new request`
  return refusal('invalid', said, [{ where: 'header.idempotency-key', message: english(said), said }])
}
