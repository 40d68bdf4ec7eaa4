/**
 * Two sockets joined after a 101: bytes both ways with backpressure, until either side closes. For WebSockets the router
 * can end the session politely, with Close 1001 in both directions at the next frame boundary.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { startTimer } from '../clock.ts'
import { noteFault } from './fault.ts'
import { closeFrame, FrameTracker } from './frames.ts'

const CLOSE_WAIT_MS = 1_000
/** What one side sent before it closed may still be on its way to the other for this long. */
const LAST_WORDS_MS = 60_000

type Direction = { readonly from: Socket; readonly to: Socket; readonly frames: FrameTracker | null; muted: boolean }

export class Tunnel {
  readonly #down: Direction
  readonly #up: Direction
  readonly #onClosed: () => void
  #closing = false
  #closed = false

  constructor(client: Duplex, upstream: Duplex, isWebSocket: boolean, onClosed: () => void) {
    this.#onClosed = onClosed
    const [near, far] = [client as Socket, upstream as Socket]
    this.#down = { from: far, to: near, frames: isWebSocket ? new FrameTracker() : null, muted: false }
    this.#up = { from: near, to: far, frames: isWebSocket ? new FrameTracker() : null, muted: false }
    for (const socket of [near, far]) socket.setTimeout(0).setNoDelay(true).ref()
    this.#splice(this.#down)
    this.#splice(this.#up)
  }

  /** Who owes the next step: takes what waits for it, or ends after the client has ended. Null: nobody, it is open. */
  get owes(): 'client' | 'service' | null {
    const [near, far] = [this.#up.from, this.#up.to]
    if (far.writableLength > 0) return 'service'
    if (near.writableLength > 0) return 'client'
    return near.readableEnded ? 'service' : null
  }

  /** Octets that went through, of both directions. */
  get moved(): number {
    const [near, far] = [this.#up.from, this.#up.to]
    return (
      near.bytesRead + far.bytesRead + near.bytesWritten + far.bytesWritten - near.writableLength - far.writableLength
    )
  }

  /** Ends the session: Close 1001 for a WebSocket, a plain end for anything else; cut after a second. */
  close(): void {
    if (this.#closing) return
    this.#closing = true
    if (this.#down.frames === null) return this.destroy()
    this.#sayGoodbye(this.#down, false)
    this.#sayGoodbye(this.#up, true)
    startTimer(() => this.destroy(), CLOSE_WAIT_MS).unref()
  }

  destroy(): void {
    this.#down.from.destroy()
    this.#up.from.destroy()
  }

  #splice(direction: Direction): void {
    const { from, to } = direction
    from.on('data', (chunk: Buffer) => {
      try {
        this.#pass(direction, chunk)
      } catch (error) {
        noteFault('a tunnel', error)
        this.destroy()
      }
    })
    to.on('drain', () => from.resume())
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      to.destroySoon()
      if (this.#closed) return
      this.#closed = true
      startTimer(() => this.destroy(), LAST_WORDS_MS).unref()
      this.#onClosed()
    })
    from.resume()
  }

  #pass(direction: Direction, chunk: Buffer): void {
    if (direction.muted) return
    direction.frames?.feed(chunk)
    if (!direction.to.write(chunk)) direction.from.pause()
    if (this.#closing) this.#sayGoodbye(direction, direction === this.#up)
  }

  /** Puts the Close frame in if no frame is half-way; else the next chunk tries again. */
  #sayGoodbye(direction: Direction, masked: boolean): void {
    if (direction.muted || !direction.frames?.atBoundary || direction.to.destroyed) return
    direction.muted = true
    direction.to.write(closeFrame(masked))
  }
}
