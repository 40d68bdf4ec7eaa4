/** One connection to an upstream: an undici client with one request at a time, over a socket of ours. */
import { startTimer } from '../clock.ts'
import { Client, type Dispatcher } from 'undici'
import { noteFault } from './fault.ts'
import { UpstreamSocket } from './upstream-socket.ts'

const CONNECT_MS = 3_000
const KEEP_ALIVE_MS = 60_000
const BUFFER_BYTES = 65_536

export class Connection {
  readonly #client: Client
  #socket: UpstreamSocket | null = null

  constructor(address: string) {
    this.#client = new Client(`http://${address}`, {
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      keepAliveTimeoutThreshold: 1_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 65_536,
      allowH2: false,
      connect: (target, done) => this.#connect(target, done),
    })
    // Only a fault of our own handler ends here; it must not take the other requests along.
    this.#client.on('error' as never, (error: unknown) => noteFault('undici', error))
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#socket?.expectAnswer()
    this.#client.dispatch(options, handler)
  }

  close(): void {
    void this.#client.close().catch(() => {})
  }

  #connect({ hostname, port }: { hostname: string; port: string }, done: Connected): void {
    const socket = new UpstreamSocket({ highWaterMark: BUFFER_BYTES } as ConstructorParameters<
      typeof UpstreamSocket
    >[0])
    const late = startTimer(() => socket.destroy(new Error(`not connected within ${CONNECT_MS} ms`)), CONNECT_MS)
    let isSettled = false
    const settle = (error: Error | null) => {
      late.stop()
      if (isSettled) return
      isSettled = true
      if (error !== null) return done(error, null)
      this.#socket = socket
      return done(null, socket)
    }
    // The listener stays: whoever has the socket later may not listen at every moment.
    socket.on('error', settle)
    socket.once('close', () => settle(new Error('closed before it was connected')))
    socket.once('connect', () => settle(null))
    socket
      .setNoDelay(true)
      .setKeepAlive(true, KEEP_ALIVE_MS)
      .connect({ host: hostname, port: Number(port) })
  }
}

type Connected = (...result: [error: null, socket: UpstreamSocket] | [error: Error, socket: null]) => void
