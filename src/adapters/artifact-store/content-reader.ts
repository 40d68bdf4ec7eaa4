/** The bytes of a tree's files, one after the other in the order of its manifest, from any place on: what an upload sends. */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isFile, type Manifest, type ManifestEntry } from './manifest.ts'

/** A file has become shorter since it was read: `path` says which. */
export class ChangedMeanwhile extends Error {
  readonly path: string
  constructor(path: string) {
    super(`${path} has changed since it was read`)
    this.path = path
  }
}

type Placed = { readonly file: ManifestEntry; readonly from: number }

export class ContentReader {
  readonly #root: string
  readonly #files: readonly Placed[]
  readonly #bytes: number
  /** Used in turns: one is sent while the next is read. */
  #buffers = [Buffer.alloc(0), Buffer.alloc(0)] as const
  #ahead: { readonly offset: number; readonly bytes: Promise<Uint8Array> } | null = null
  #open: { readonly path: string; readonly handle: FileHandle } | null = null

  constructor(root: string, { entries, bytes }: Manifest) {
    this.#root = root
    this.#bytes = bytes
    let from = 0
    this.#files = entries
      .filter((entry) => isFile(entry) && entry.size > 0)
      .map((file) => {
        const placed = { file, from }
        from += file.size
        return placed
      })
  }

  /**
   * Up to `length` bytes from `offset` on; fewer only at the end, or where they were read ahead as what follows. They are
   * valid until the next call, during which the bytes after them are read already.
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const ahead = this.#ahead
    this.#ahead = null
    // What failed early is read once more, where it is still wanted, and then fails for whoever asked.
    const early = await ahead?.bytes.catch(() => null)
    const bytes = ahead?.offset === offset && early ? early : await this.#readNow(offset, length)
    const next = offset + bytes.length
    if (next < this.#bytes) this.#ahead = { offset: next, bytes: this.#readNow(next, length) }
    // Nobody may ever ask for it: it fails when it is asked for, in the next call.
    this.#ahead?.bytes.catch(() => {})
    return bytes
  }

  async #readNow(offset: number, length: number): Promise<Uint8Array> {
    const [first, second] = this.#buffers
    const free = first.length < length ? Buffer.allocUnsafe(length) : first
    this.#buffers = [second, free]
    const buffer = free.subarray(0, Math.max(0, Math.min(length, this.#bytes - offset)))
    let done = 0
    for (let index = this.#indexAt(offset); done < buffer.length; index += 1) {
      const { file, from } = this.#files[index]!
      const handle = await this.#handleOf(file.path)
      const within = offset + done - from
      const wanted = Math.min(file.size - within, buffer.length - done)
      for (let got = 0; got < wanted; ) {
        const { bytesRead } = await handle.read(buffer, done, wanted - got, within + got)
        if (bytesRead === 0) throw new ChangedMeanwhile(file.path)
        got += bytesRead
        done += bytesRead
      }
    }
    return buffer
  }

  async close(): Promise<void> {
    // Only waited for, so that no file is closed under a read.
    await this.#ahead?.bytes.catch(() => {})
    this.#ahead = null
    await this.#closeFile()
  }

  async #closeFile(): Promise<void> {
    await this.#open?.handle.close()
    this.#open = null
  }

  /** The file in which this byte lies, by halving. */
  #indexAt(offset: number): number {
    let [low, high] = [0, this.#files.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#files[middle]!.from <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  async #handleOf(path: string): Promise<FileHandle> {
    if (this.#open?.path === path) return this.#open.handle
    await this.#closeFile()
    const handle = await open(join(this.#root, path), 'r')
    this.#open = { path, handle }
    return handle
  }
}
