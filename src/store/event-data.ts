/** What an event has to look like so that every later reader, and every later hash, sees exactly what was appended. */
import { hash } from 'node:crypto'
import { canonicalJson, type Json } from '../core/json.ts'
import type { NewEvent, PlacedEvent, StoredEvent } from '../ports/store.ts'

/** An event with the one text of its data. */
export type PreparedEvent = { readonly event: PlacedEvent; readonly dataText: string }

/**
 * The event as it will be read back: members that are `undefined` are gone, `-0` is `0`.
 *
 * Throws on what PostgreSQL cannot keep as it is: NaN and infinities, U+0000, half a surrogate pair.
 */
export function prepare(event: NewEvent, at: Pick<PlacedEvent, 'stream' | 'version' | 'at'>): PreparedEvent {
  const where = `event ${event.type} of stream ${at.stream}`
  for (const text of [at.stream, event.actor, event.type, event.token ?? 'none']) checkText(text, where)
  const dataText = canonicalJson(event.data)
  if (UNKEEPABLE.test(dataText)) {
    throw new Error(`${where}: its data holds U+0000 or half a surrogate pair: strip it first`)
  }
  const { actor, type, token } = event
  const data = JSON.parse(dataText) as Json
  return { dataText, event: { ...at, actor, type, data, ...(token === undefined ? {} : { token }) } }
}

/**
 * The bytes that are hashed into the log's Merkle tree: all that is known of the event, as canonical JSON. One without a
 * token has the very leaf that it had before events named tokens.
 */
export function leafBytes({ position, stream, version, at, actor, type, data, token }: StoredEvent): Uint8Array {
  return Buffer.from(canonicalJson({ position, stream, version, at, actor, type, data, token }))
}

/** The hash of the log's Merkle tree. */
export function sha256(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer')
}

/** The same text around data and position, for who learns the position last: `before data ,"position":7 after`. */
export function leafFrame({ stream, version, at, actor, type, token }: PlacedEvent): { before: string; after: string } {
  const text = JSON.stringify
  const named = token === undefined ? '' : `,"token":${text(token)}`
  return {
    before: `{"actor":${text(actor)},"at":${text(at)},"data":`,
    after: `,"stream":${text(stream)}${named},"type":${text(type)},"version":${text(version)}}`,
  }
}

// JSON.stringify writes proper pairs as they are, so an escaped surrogate is always a lone one. An even number of
// backslashes before the escape are escaped backslashes.
const UNKEEPABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/

function checkText(text: string, where: string): void {
  if (text === '') throw new Error(`${where}: stream, actor and type must not be empty`)
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new Error(`${where}: ${JSON.stringify(text)} holds U+0000 or half a surrogate pair: strip it first`)
  }
}
