/**
 * A response or tunnel under way that stands still: one side owes the next step and nothing moves. While bytes stand, the
 * router reads no more from whoever sent them, and so does not see him leave; only time ends such an exchange.
 *
 * Silence is no standstill: an event stream or WebSocket without news may be silent for ever. Who then vanishes is found by
 * TCP keep-alive.
 */
import type { Exchange } from './exchange.ts'

/** A client that takes nothing of what waits for it. Generous: one step of a slow link may be a megabyte. */
export const CLIENT_STANDS_MS = 300_000
/** On a draining slot: what stands would only be cut later. */
export const DRAIN_STANDS_MS = 5_000
const LOOK_EVERY_MS = 500

export type Still = { moved: number; since: number; lookedAt: number }

/** Whose step is overdue; null while nobody's is. The service has `timeoutMs` for each of its steps. */
export function standsBy(exchange: Exchange, now: number): 'client' | 'service' | null {
  const still = (exchange.still ??= { moved: -1, since: now, lookedAt: Number.NEGATIVE_INFINITY })
  if (now - still.lookedAt < LOOK_EVERY_MS) return null
  still.lookedAt = now
  const who = owes(exchange)
  const moved = movedOf(exchange)
  if (who === null || moved !== still.moved) Object.assign(still, { moved, since: now })
  if (who === null) return null
  const ofKind = who === 'client' ? CLIENT_STANDS_MS : exchange.route.config.timeoutMs
  const limit = exchange.slot.drainingSince === null ? ofKind : Math.min(ofKind, DRAIN_STANDS_MS)
  return now - still.since >= limit ? who : null
}

function owes({ tunnel, body, res }: Exchange): 'client' | 'service' | null {
  if (tunnel !== null) return tunnel.owes
  if (body?.waitsForService) return 'service'
  return res.socket !== null && res.socket.writableLength > 0 ? 'client' : null
}

/** Octets that went through, of both directions. */
function movedOf({ tunnel, req }: Exchange): number {
  if (tunnel !== null) return tunnel.moved
  const { bytesRead, bytesWritten, writableLength } = req.socket
  return bytesRead + bytesWritten - writableLength
}
