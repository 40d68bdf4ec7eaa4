/**
 * The log as text that can be checked without us, one JSON value per line: a header, every event, the checkpoints.
 *
 * ```
 * {"format":"stellwerk-log/1","origin":"stellwerk/3f2a…","publicKey":"stellwerk/3f2a…+…","checkpoints":[500,1042]}
 * {"event":{"position":1,"stream":"r-…","version":1,"at":1760000000000,"actor":"person:alex","type":"…","data":{…}}}
 * {"checkpoint":"stellwerk/3f2a…\n500\n…"}
 * ```
 */
import { z } from 'zod'
import { canonicalJson, type Json } from '../../core/json.ts'
import { instant } from '../../core/time.ts'
import type { StoredEvent } from '../../ports/store.ts'
import type { AuditKey } from './key.ts'
import { parseCheckpoint, verifierKey } from './note.ts'
import { type AuditedStore, logEntries, logHead, storedCheckpoints } from './source.ts'
import type { AuditProblem, AuditSource } from './verify.ts'

const FORMAT = 'stellwerk-log/1'

const Header = z.object({
  format: z.literal(FORMAT),
  origin: z.string(),
  publicKey: z.string(),
  checkpoints: z.array(z.int()),
})

const Event = z.strictObject({
  position: z.int(),
  stream: z.string(),
  version: z.int(),
  at: z.number().transform(instant),
  actor: z.string(),
  type: z.string(),
  // It comes out of JSON.parse, so it is JSON.
  data: z.custom<Json>((value) => value !== undefined),
  token: z.string().exactOptional(),
})

const Line = z.union([z.strictObject({ event: Event }), z.strictObject({ checkpoint: z.string() })])

/**
 * Lines without their line ends. `sign` signs the log first, so that the last checkpoint covers every event; null: it was not
 * signed, and who checks the export is told which events no checkpoint covers.
 */
export async function* exportLog(
  store: AuditedStore,
  key: AuditKey,
  sign: () => Promise<string | null>,
): AsyncGenerator<string> {
  const newest = await sign()
  const { origin, frontier } = await logHead(store)
  const size = newest === null ? frontier.size : (parseCheckpoint(newest)?.size ?? 0)
  const notes = (await storedCheckpoints(store)).filter((note) => (parseCheckpoint(note)?.size ?? 0) <= size)
  const checkpoints = notes.map((note) => parseCheckpoint(note)?.size ?? 0)
  const publicKey = verifierKey(origin, key.publicKey)
  yield canonicalJson({ format: FORMAT, origin, publicKey, checkpoints } satisfies z.input<typeof Header>)
  for await (const { event } of logEntries(store, size)) yield canonicalJson({ event })
  for (const note of notes) yield canonicalJson({ checkpoint: note })
}

/** Lines with or without their line ends; they are read once, blank ones are skipped. */
export class ExportSource implements AuditSource {
  readonly isSealed = true
  readonly #lines: AsyncIterator<string> | Iterator<string>
  readonly #problems: AuditProblem[] = []
  readonly #notes: string[] = []
  #lineNumber = 0

  constructor(lines: AsyncIterable<string> | Iterable<string>) {
    this.#lines = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]()
  }

  async open() {
    const header = Header.safeParse(await this.#next())
    if (header.success) return { verifierKey: header.data.publicKey, head: null, sizes: header.data.checkpoints }
    this.#refuse(`is not the header of an export in format ${FORMAT}`)
    return { verifierKey: null, head: null, sizes: [] }
  }

  async *entries() {
    for (let value = await this.#next(); value !== undefined; value = await this.#next()) {
      const line = Line.safeParse(value)
      if (!line.success) this.#refuse('is no event and no checkpoint')
      else if ('checkpoint' in line.data) this.#notes.push(line.data.checkpoint)
      else yield { event: line.data.event satisfies StoredEvent, leaf: null }
    }
  }

  async checkpoints(): Promise<readonly string[]> {
    return this.#notes
  }

  problems(): readonly AuditProblem[] {
    return this.#problems
  }

  async #next(): Promise<unknown> {
    const { done, value } = await this.#lines.next()
    if (done) return undefined
    this.#lineNumber += 1
    return value.trim() === '' ? this.#next() : parsed(value)
  }

  #refuse(why: string): void {
    if (this.#problems.length < REFUSED)
      this.#problems.push({ position: null, message: `line ${this.#lineNumber} ${why}` })
  }
}

/** A file that is something else altogether need not be listed line by line. */
const REFUSED = 100

/** Null for what is no JSON: the schema then refuses it. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
