/**
 * Seals on what stands in the database. Whoever can write there, and does not have the key, can destroy, hold up and read;
 * nothing that he writes is taken for a fact: a forged event counts for nothing, a forged state is folded again from the
 * log, a forged row of an environment is made again from it, a forged token opens nothing.
 *
 * What seals cannot find is what was true once (rows put back, the newest events removed): the tree and its checkpoints do.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../core/json.ts'
import type { StoredToken } from '../ports/identity.ts'
import type { EnvironmentRow, PlacedEvent } from '../ports/store.ts'
import type { OnceKey } from '../ports/identity.ts'

/** What the store asks about everything that it reads and writes. */
export interface LogGuard {
  /** Hexadecimal; null where nothing is sealed. */
  seal(text: string): string | null
  holds(text: string, mac: Uint8Array | null): boolean
  /** Events up to this position were there before events were sealed. */
  sealedAfter(): number
  /** Events up to this position are as somebody with access to the data folder accepted them: forged ones are no news. */
  acceptedUpTo(): number
  /** Somebody else wrote there. Said for every time that it is read. */
  forged(what: string): void
  /** Why the log cannot be trusted now; null: it can. */
  doubts(): string | null
}

/** Believes everything: for tests, and for tools that only look. */
export const NO_GUARD: LogGuard = {
  seal: () => null,
  holds: () => true,
  sealedAfter: () => 0,
  acceptedUpTo: () => 0,
  forged: () => undefined,
  doubts: () => null,
}

export function sealing(key: Uint8Array): Pick<LogGuard, 'seal' | 'holds'> {
  const mac = (text: string) => createHmac('sha256', key).update(text).digest()
  return {
    seal: (text) => mac(text).toString('hex'),
    holds: (text, found) => found !== null && found.length === 32 && timingSafeEqual(mac(text), found),
  }
}

/** The event without its position, which the database gives; its stream and version say where it belongs. */
export function eventText({ stream, version, at, actor, type, data, token }: PlacedEvent): string {
  return `event\n${canonicalJson({ stream, version, at, actor, type, data, token })}`
}

export type StateText = { readonly stream: string; readonly version: number }

/** The number stood for a format that the states now name themselves; seals made with it hold. */
export function stateText({ stream, version }: StateText, state: string): string {
  return `state\n${stream}\n${version}\n1\n${state}`
}

export function environmentText({ service, environment, holder, facts, queue }: EnvironmentRow): string {
  return `environment\n${canonicalJson({ service, environment, holder, facts, queue })}`
}

/** Without its last use, which is no fact. */
export function tokenText(token: StoredToken): string {
  return `token\n${canonicalJson({ ...token, lastUsedAt: undefined })}`
}

export function requestText({ owner, key, fingerprint }: OnceKey, answer: string): string {
  return `request\n${canonicalJson([owner, key, fingerprint])}\n${answer}`
}
