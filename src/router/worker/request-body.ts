/**
 * A request's body on its way to the upstream, with backpressure. It stands between the two because undici destroys a
 * body it no longer needs, and destroying Node's own request would cut the client off before it has read the answer
 * (an upstream that says 413 without reading the upload).
 */
import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'

export class RequestBody extends Readable {
  readonly #req: IncomingMessage
  #wantsMore = false
  #clientSince = 0

  constructor(req: IncomingMessage) {
    super()
    this.#req = req
    req.on('data', (chunk: Buffer) => {
      this.#clientSince = performance.now()
      if (!this.destroyed && !this.push(chunk)) {
        this.#wantsMore = false
        req.pause()
      }
    })
    req.once('end', () => {
      if (!this.destroyed) this.push(null)
    })
    // undici listens only while it sends; what it destroys later has nobody else to tell.
    this.on('error', () => {})
    req.pause()
  }

  /** True while the next step is the client's: it owes us bytes that the upstream would take. */
  get waitsForClient(): boolean {
    return this.#wantsMore && !this.#req.readableEnded
  }

  /** True while bytes of the client's stand here because the upstream does not take them. */
  get waitsForService(): boolean {
    return !this.#wantsMore && !this.destroyed && !this.#req.readableEnded
  }

  /** Since when the client owes us bytes, by `performance.now()`. */
  get waitsSince(): number {
    return this.#clientSince
  }

  override _read(): void {
    if (!this.#wantsMore) this.#clientSince = performance.now()
    this.#wantsMore = true
    this.#req.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#req.resume()
    done(error)
  }
}
