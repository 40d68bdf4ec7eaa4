/**
 * Where the content of artifacts is kept, as whoever hands it over sees it: a manifest first, then the bytes of its files,
 * one after the other, from wherever the last attempt came to.
 */
import type { Told } from '../core/say.ts'

/** `absent`: nothing is here · `partial`: `receivedBytes` of `bytes` are · `kept`: all of it, verified, for use. */
export type ContentState = {
  readonly digest: string
  readonly state: 'absent' | 'partial' | 'kept'
  readonly receivedBytes: number
  readonly bytes: number
}

/**
 * - `invalid`: what came is not what the digest names; nothing of that is kept.
 * - `too-large`: it exceeds the limit; nothing was kept.
 * - `conflict`: it goes on from another place, or somebody else is sending it: ask for the state, then go on from there.
 * - `unavailable`: the disk is full or failing; what had come before is kept.
 */
export type ContentRefusal = {
  readonly ok: false
  readonly kind: 'invalid' | 'too-large' | 'conflict' | 'unavailable'
  readonly said: Told
}

export type ContentAnswer = { readonly ok: true; readonly value: ContentState } | ContentRefusal

export type KeptContent = { readonly digest: string; readonly bytes: number; readonly files: number }

export interface Contents {
  state(digest: string): Promise<ContentState>
  isKept(digest: string): Promise<boolean>
  /**
   * `manifest`: UTF-8. Repeated, it answers how far the content has come; `record` is asked where all of it is here already:
   * whoever knows the manifest has what it lists.
   */
  begin(
    digest: string,
    manifest: AsyncIterable<Uint8Array>,
    record: (kept: KeptContent) => Promise<void>,
  ): Promise<ContentAnswer>
  /**
   * Takes bytes from `offset` on, as far as they come: what was received before a connection broke stays. With the last one
   * it verifies the whole, asks `record` to log it, and only then the content is there, at once and for everybody.
   */
  append(
    digest: string,
    part: { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> },
    record: (kept: KeptContent) => Promise<void>,
  ): Promise<ContentAnswer>
}
