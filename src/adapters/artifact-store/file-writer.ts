/**
 * One file as it is received: several pieces are written by one call, while the next are coming, and a large file goes to the
 * disk as it grows, so that its end does not wait for all of it.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const BATCH_BYTES = 2 ** 20
const SYNC_BYTES = 2 ** 26

export class FileWriter {
  readonly #handle: FileHandle
  readonly #hash: Hash
  /** What is written, or being written. */
  #written: number
  #pieces: Uint8Array[] = []
  #gathered = 0
  #writing: Promise<void> = Promise.resolve()
  #unsynced = 0
  #syncing: Promise<void> | null = null
  /** What the disk said when an earlier part went there: it says so once, so that `sync` would not hear it again. */
  #lost: { readonly error: unknown } | null = null

  /** Goes on after the first `bytes` of what is there. */
  static async open(path: string, bytes: number, isProgram: boolean): Promise<FileWriter> {
    const hash = await hashOf(path, bytes)
    const handle = await open(path, bytes === 0 ? 'w' : 'r+', 0o600)
    if (isProgram) await handle.chmod(0o700)
    return new FileWriter(handle, hash, bytes)
  }

  private constructor(handle: FileHandle, hash: Hash, bytes: number) {
    this.#handle = handle
    this.#hash = hash
    this.#written = bytes
  }

  /** Rejects, sooner or later, with what the disk says. */
  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece)
    this.#pieces.push(piece)
    this.#gathered += piece.length
    if (this.#gathered >= BATCH_BYTES) await this.#flush()
  }

  /** Writes what was given; the file stays open. */
  async settle(): Promise<void> {
    await this.#flush()
    await this.#writing
  }

  /** SHA-256 of the whole file in hex. */
  digest(): string {
    return this.#hash.digest('hex')
  }

  async close(): Promise<void> {
    // What failed was said by `settle` and `sync`; who closes without them gives the file up.
    await Promise.allSettled([this.#writing, this.#syncing])
    await this.#handle.close()
  }

  /** All of it outlives a power cut. */
  async sync(): Promise<void> {
    await this.#syncing
    if (this.#lost !== null) throw this.#lost.error
    await this.#handle.sync()
  }

  /** One batch is written while the next is gathered, never more. */
  async #flush(): Promise<void> {
    await this.#writing
    const pieces = this.#pieces
    const bytes = this.#gathered
    if (bytes === 0) return
    this.#writing = this.#writeAll(pieces, this.#written, bytes)
    // Whoever flushes or settles next awaits the same promise, and hears it.
    this.#writing.catch(() => {})
    this.#pieces = []
    this.#gathered = 0
    this.#written += bytes
    this.#startSync(bytes)
  }

  async #writeAll(pieces: readonly Uint8Array[], at: number, bytes: number): Promise<void> {
    const { bytesWritten } = await this.#handle.writev(pieces, at)
    if (bytesWritten === bytes) return
    // Less than all is what a disk takes before it is full: the rest says so, or goes on.
    const rest = Buffer.concat(pieces).subarray(bytesWritten)
    for (let from = 0; from < rest.length; ) {
      const again = await this.#handle.write(rest, from, rest.length - from, at + bytesWritten + from)
      from += again.bytesWritten
    }
  }

  #startSync(bytes: number): void {
    this.#unsynced += bytes
    if (this.#unsynced < SYNC_BYTES || this.#syncing !== null) return
    this.#unsynced = 0
    this.#syncing = this.#handle
      .datasync()
      .catch((error: unknown) => void (this.#lost = { error }))
      .finally(() => (this.#syncing = null))
  }
}

/** Of the first `bytes` of a file. */
export async function hashOf(path: string, bytes: number): Promise<Hash> {
  const hash = createHash('sha256')
  if (bytes === 0) return hash
  for await (const chunk of createReadStream(path, { end: bytes - 1 })) hash.update(chunk as Buffer)
  return hash
}
