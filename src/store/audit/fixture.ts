/** A small log of twelve events, signed and exported without a database: for tests of what exports prove. */
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { canonicalJson } from '../../core/json.ts'
import { appendLeaf, EMPTY_FRONTIER, leafHash, treeRoot } from '../../core/audit/merkle.ts'
import { instant } from '../../core/time.ts'
import type { StoredEvent } from '../../ports/store.ts'
import { leafBytes, sha256 } from '../event-data.ts'
import { checkpointText, signNote, verifierKey } from './note.ts'

const ORIGIN = 'stellwerk/0123'
export const OWN = generateKeyPairSync('ed25519')
export const FRESH = generateKeyPairSync('ed25519')
export type Pair = KeyPairKeyObjectResult

export const keyOf = ({ publicKey }: Pair) => verifierKey(ORIGIN, publicKey)

export function event(position: number, text = 'as it was'): StoredEvent {
  const at = instant(1_760_000_000_000 + position)
  const beside = position % 2 === 0 ? { token: 'tok_1' } : {}
  return { position, stream: 's', version: position, at, actor: 'person:alex', type: 'Said', data: { text }, ...beside }
}

export function signed(events: readonly StoredEvent[], size: number, { privateKey }: Pair): string {
  const leaves = events.slice(0, size).map((each) => leafHash(sha256, leafBytes(each)))
  const frontier = leaves.reduce((tree, leaf) => appendLeaf(sha256, tree, leaf), EMPTY_FRONTIER)
  return signNote(checkpointText({ origin: ORIGIN, size, root: treeRoot(sha256, frontier) }), ORIGIN, privateKey)
}

export const LOG = Array.from({ length: 12 }, (_, index) => event(index + 1))
export const at = (size: number, pair = OWN, log: readonly StoredEvent[] = LOG) => signed(log, size, pair)

export function exported(events: readonly StoredEvent[], sizes: readonly number[], pair = OWN): readonly string[] {
  const header = { format: 'stellwerk-log/1', origin: ORIGIN, publicKey: keyOf(pair), checkpoints: sizes }
  const notes = sizes.map((size) => ({ checkpoint: signed(events, size, pair) }))
  return [header, ...events.map((each) => ({ event: each })), ...notes].map(canonicalJson)
}
