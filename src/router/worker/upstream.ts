/**
 * Connections to one upstream address: undici clients with one request each at a time.
 *
 * undici's own `Pool` walks all its clients for every request; here an idle client is popped in O(1), the one used last
 * first, so that surplus connections fall idle and close. The idle time stays below the 5 s after which Node's servers
 * close theirs: a request sent into a closing connection is lost.
 */
import { Client } from 'undici'

export const CONNECTIONS_MAX = 4096

export class Upstream {
  readonly address: string
  readonly #idle: Client[] = []
  #open = 0
  #idleLow = 0
  #retired = false

  constructor(address: string) {
    this.address = address
  }

  /** Null when the limit of connections is reached. */
  acquire(): Client | null {
    const client = this.#idle.pop()
    if (client !== undefined) {
      if (this.#idle.length < this.#idleLow) this.#idleLow = this.#idle.length
      return client
    }
    if (this.#open >= CONNECTIONS_MAX) return null
    this.#open++
    const fresh = new Client(`http://${this.address}`, {
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      keepAliveTimeoutThreshold: 1_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 65_536,
      allowH2: false,
      connect: { timeout: 3_000 },
    })
    // Only a fault of our own handler ends here; it must not take the other requests along.
    fresh.on('error' as never, (error: unknown) => console.error(error))
    return fresh
  }

  release(client: Client): void {
    if (this.#retired) this.#close(client)
    else this.#idle.push(client)
  }

  /** Called now and then: closes the clients that were not needed since the last call. */
  trim(): void {
    for (const client of this.#idle.splice(0, this.#idleLow)) this.#close(client)
    this.#idleLow = this.#idle.length
  }

  /** Requests in flight finish; then nothing is left open. */
  retire(): void {
    this.#retired = true
    for (const client of this.#idle.splice(0)) this.#close(client)
  }

  #close(client: Client): void {
    this.#open--
    void client.close().catch(() => {})
  }
}
