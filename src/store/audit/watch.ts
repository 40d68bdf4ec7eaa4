/**
 * Follows the log as it grows, and says when it is no longer the one that it was: every new event is held against its leaf and
 * its seal, the head against the tree that was seen before. Nothing is signed that was not followed.
 */
import { appendLeaf, type Frontier, leafHash, treeRoot } from '../../core/audit/merkle.ts'
import { leafBytes, sha256 } from '../event-data.ts'
import { eventText, type LogGuard } from '../seal.ts'
import type { Link } from './chain.ts'
import { type AuditedStore, frontierAt, logEntries, logHead } from './source.ts'

export type Followed = { readonly ok: true; readonly frontier: Frontier } | { readonly ok: false; readonly why: string }

/** The tree under the last checkpoint, made again from the log: it has to be the one that was signed. */
export async function resume(store: AuditedStore, last: Link): Promise<Followed> {
  const { origin, frontier: head } = await logHead(store)
  if (origin !== last.origin)
    return deviates(`this database holds the log ${origin}, and the one signed here is ${last.origin}`)
  if (head.size < last.size) return deviates(`${last.size} events were signed, and ${head.size} are there: removed`)
  const frontier = await frontierAt(store, last.size)
  if (frontier.size === last.size && same(treeRoot(sha256, frontier), last.root)) return { ok: true, frontier }
  return deviates(`the events up to position ${last.size} are not those that were signed: changed or removed`)
}

/** From the tree that was seen to the head as it is now. */
export async function follow(store: AuditedStore, seen: Frontier, guard: LogGuard): Promise<Followed> {
  const { frontier: head } = await logHead(store)
  if (head.size < seen.size) return deviates(`${seen.size} events were there, and now ${head.size}: removed`)
  let frontier = seen
  for await (const { event, leaf, mac } of logEntries(store, head.size, seen.size)) {
    const { position, type, stream } = event
    const place = `event ${position} (${type} in ${stream})`
    if (position !== frontier.size + 1) return deviates(`position ${frontier.size + 1} is missing: removed`)
    const own = leafHash(sha256, leafBytes(event))
    if (!same(own, leaf)) return deviates(`${place} is not what was recorded: changed`)
    if (position > guard.sealedAfter() && !guard.holds(eventText(event), mac))
      return deviates(`${place} was not written by the control plane`)
    frontier = appendLeaf(sha256, frontier, own)
  }
  const isHead = frontier.size === head.size && frontier.nodes.every((node, index) => same(node, head.nodes[index]))
  return isHead ? { ok: true, frontier } : deviates(`the head of the log does not follow from its ${head.size} events`)
}

function deviates(why: string): Followed {
  return { ok: false, why }
}

function same(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && Buffer.from(left).equals(right)
}
