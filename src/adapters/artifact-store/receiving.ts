/** One content on its way in: which file the next byte belongs to, and whether what came is what was meant. */
import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { say } from '../../core/say.ts'
import type { ContentRefusal } from '../../ports/contents.ts'
import { FileWriter, hashOf } from './file-writer.ts'
import { isFile, type Manifest, type ManifestEntry } from './manifest.ts'

/** Files that are on their way to the disk while the next one is received. */
const SYNCING_MAX = 16

type Part = { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> }

export class Receiving {
  readonly tree: string
  readonly manifest: Manifest
  readonly #files: readonly ManifestEntry[]
  /** The file that the next byte belongs to. */
  #at = 0
  #inFile = 0
  #received = 0
  /** Files that came before this process did. */
  #unread = 0
  #writer: FileWriter | null = null
  readonly #syncing = new Set<Promise<void>>()

  /** As far as its files tell. */
  static async of(tree: string, manifest: Manifest): Promise<Receiving> {
    const receiving = new Receiving(tree, manifest)
    await receiving.#findOut()
    return receiving
  }

  private constructor(tree: string, manifest: Manifest) {
    this.tree = tree
    this.manifest = manifest
    this.#files = manifest.entries.filter(isFile)
  }

  get received(): number {
    return this.#received
  }

  isComplete(): boolean {
    return this.#at === this.#files.length
  }

  /** Null: all that was sent is taken, and may be all there is. Rejects on errors of the disk, and is then not to be used again. */
  async take({ offset, bytes }: Part): Promise<ContentRefusal | null> {
    if (offset !== this.#received) return this.#elsewhere(offset)
    try {
      const refused = (await this.#takeAll(bytes)) ?? (await this.#endFiles())
      await this.#writer?.settle()
      await Promise.all(this.#syncing)
      return refused
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Reads what came before this process did. What is damaged is forgotten, with all that follows. */
  async verify(): Promise<ContentRefusal | null> {
    for (let index = 0; index < this.#unread; index += 1) {
      const file = this.#files[index]!
      if ((await hashOf(join(this.tree, file.path), file.size)).digest('hex') === file.content) continue
      for (const each of this.#files.slice(index)) await rm(join(this.tree, each.path), { force: true })
      await this.#findOut()
      const said = say`${file.path} did not outlive the end of the control plane; go on from byte ${this.#received}`
      return { ok: false, kind: 'conflict', said }
    }
    this.#unread = 0
    return null
  }

  /** Gives back what is open; what has come stays. */
  async close(): Promise<void> {
    await this.#writer?.close()
    this.#writer = null
    // `take` has said what failed of it; without that, its bytes are read again before the end (`verify`).
    await Promise.allSettled(this.#syncing)
  }

  async #findOut(): Promise<void> {
    this.#at = 0
    this.#received = 0
    this.#inFile = 0
    for (const file of this.#files) {
      // What cannot be looked at counts as not there: its bytes are asked for again, and the disk says then what it has.
      const there = await lstat(join(this.tree, file.path)).catch(() => null)
      this.#inFile = Math.min(there?.size ?? 0, file.size)
      this.#received += this.#inFile
      if (there === null || this.#inFile < file.size) break
      this.#at += 1
      this.#inFile = 0
    }
    this.#unread = this.#at
  }

  async #takeAll(bytes: AsyncIterable<Uint8Array>): Promise<ContentRefusal | null> {
    for await (const chunk of untilBroken(bytes)) {
      for (let rest = chunk; rest.length > 0; ) {
        const ended = await this.#endFiles()
        if (ended !== null) return ended
        const file = this.#files[this.#at]
        if (file === undefined) return tooMuch(this.manifest)
        const piece = rest.subarray(0, file.size - this.#inFile)
        await (await this.#writerOf(file)).write(piece)
        this.#inFile += piece.length
        this.#received += piece.length
        rest = rest.subarray(piece.length)
      }
    }
    return null
  }

  async #writerOf({ path, kind }: ManifestEntry): Promise<FileWriter> {
    this.#writer ??= await FileWriter.open(join(this.tree, path), this.#inFile, kind === 'program')
    return this.#writer
  }

  /** Ends every file that has all its bytes, empty ones among them. */
  async #endFiles(): Promise<ContentRefusal | null> {
    for (let file = this.#files[this.#at]; file !== undefined && this.#inFile === file.size; ) {
      const writer = await this.#writerOf(file)
      await writer.settle()
      this.#writer = null
      const found = writer.digest()
      if (found !== file.content) return this.#forget(file, { writer, found })
      await this.#sync(writer)
      this.#at += 1
      this.#inFile = 0
      file = this.#files[this.#at]
    }
    return null
  }

  async #forget(
    { path, size, content }: ManifestEntry,
    { writer, found }: { readonly writer: FileWriter; readonly found: string },
  ): Promise<ContentRefusal> {
    await writer.close()
    await rm(join(this.tree, path), { force: true })
    this.#received -= size
    this.#inFile = 0
    const said = say`what came as ${path} is not what was announced: expected sha256:${content}, found sha256:${found}`
    return { ok: false, kind: 'invalid', said }
  }

  #elsewhere(offset: number): ContentRefusal {
    const said = say`it goes on at byte ${this.#received}, not at ${offset}`
    return { ok: false, kind: 'conflict', said }
  }

  /** A file goes to the disk while the next one comes. */
  async #sync(writer: FileWriter): Promise<void> {
    const syncing: Promise<void> = writer
      .sync()
      .finally(() => writer.close())
      .then(() => void this.#syncing.delete(syncing))
    // It stays in the set, where whoever takes the part waits for it.
    syncing.catch(() => {})
    this.#syncing.add(syncing)
    if (this.#syncing.size >= SYNCING_MAX) await Promise.race(this.#syncing)
  }
}

/** What was received before a connection broke is as good as any other. */
async function* untilBroken(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch {
    // Nobody is there any more who could be told.
  }
}

function tooMuch({ bytes }: Manifest): ContentRefusal {
  return { ok: false, kind: 'invalid', said: say`more came than the ${bytes} bytes that were announced` }
}
