/**
 * A connection to an upstream that lets the upstream finish what it says.
 *
 * A service may answer an upload before it has read it, and close: 413 or 401 stands in the receive buffer when the next write
 * fails with EPIPE or ECONNRESET. Node's socket would be destroyed by that write and the answer thrown away with it. Here the
 * failed write just never ends, as long as there is something to read: what was sent before the reset can be read after it, and
 * the reading then ends by itself (RFC 9112 §9.6).
 */
import { startTimer } from '../clock.ts'
import { Socket } from 'node:net'
import { InterimFilter } from './interim.ts'

type Done = (error?: Error | null) => void

/** Against an upstream whose end nobody reports. */
const LAST_WORDS_MS = 1_000
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET'])

export class UpstreamSocket extends Socket {
  readonly #interim = new InterimFilter()
  #writing: Done | null = null
  readonly #written = (error?: Error | null) => this.#onWritten(error)

  /** A request goes out: what comes next is the head of its answer. */
  expectAnswer(): void {
    this.#interim.expect()
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    this.#writing = done
    super._write(chunk, encoding, this.#written)
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    this.#writing = done
    super._writev!(chunks, this.#written)
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (!this.#interim.isLooking || !(chunk instanceof Uint8Array)) return this.#pushLast(chunk, encoding)
    const passed = this.#interim.pass(chunk as Buffer)
    return passed.length === 0 || super.push(passed)
  }

  #pushLast(chunk: unknown, encoding?: BufferEncoding): boolean {
    const rest = chunk === null ? this.#interim.rest() : null
    if (rest !== null) super.push(rest)
    return super.push(chunk, encoding)
  }

  #onWritten(error?: Error | null): void {
    const done = this.#writing!
    if (error && GONE.has((error as NodeJS.ErrnoException).code) && !this.destroyed && !this.readableEnded) {
      this.#awaitLastWords(error)
      return
    }
    this.#writing = null
    done(error)
  }

  #awaitLastWords(error: Error): void {
    const before = this.bytesRead
    startTimer(() => {
      if (this.destroyed) return
      if (this.bytesRead > before || this.readableLength > 0) this.#awaitLastWords(error)
      else this.destroy(error)
    }, LAST_WORDS_MS).unref()
  }
}
