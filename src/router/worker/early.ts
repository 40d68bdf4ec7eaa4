/**
 * The client's socket between its upgrade request and the answer. Node has let go of it, so nobody else would see the client
 * leave: it is read, and what comes before the answer waits here for the tunnel, up to a bound.
 */
import type { Duplex } from 'node:stream'

const BYTES_MAX = 65_536

export class Early {
  readonly #socket: Duplex
  readonly #chunks: Buffer[]
  #bytes: number
  #isKept = true
  readonly #onData = (chunk: Buffer) => this.#keep(chunk)
  readonly #onEnd = () => void this.#socket.end()

  /** `head`: what came along with the request. */
  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket
    this.#chunks = head.length > 0 ? [head] : []
    this.#bytes = head.length
    // As for any other request, a client that ends its side before the answer has gone.
    socket.on('data', this.#onData).on('end', this.#onEnd)
    if (socket.readableEnded) this.#onEnd()
  }

  /** For the tunnel, which has the socket from now on. */
  take(): readonly Buffer[] {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd)
    return this.#chunks
  }

  /** There will be no tunnel: what comes is read and dropped, so that the client's end is seen. */
  drop(): void {
    this.#isKept = false
    this.#chunks.length = 0
    this.#socket.resume()
  }

  #keep(chunk: Buffer): void {
    if (!this.#isKept) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= BYTES_MAX) this.#socket.pause()
  }
}
