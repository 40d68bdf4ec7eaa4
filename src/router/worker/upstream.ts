/**
 * Connections to one upstream address: undici clients with one request each at a time.
 *
 * undici's own `Pool` walks all its clients for every request; here an idle client is popped in O(1), the one used last
 * first, so that surplus connections fall idle and close. The idle time stays below the 5 s after which Node's servers
 * close theirs: a request sent into a closing connection is lost.
 */
import { Connection } from './connection.ts'

export const CONNECTIONS_MAX = 4096

export class Upstream {
  readonly address: string
  readonly #idle: Connection[] = []
  #open = 0
  #idleLow = 0
  #retired = false

  constructor(address: string) {
    this.address = address
  }

  /** Null when the limit of connections is reached. */
  acquire(): Connection | null {
    const idle = this.#idle.pop()
    if (idle !== undefined) {
      if (this.#idle.length < this.#idleLow) this.#idleLow = this.#idle.length
      return idle
    }
    if (this.#open >= CONNECTIONS_MAX) return null
    this.#open++
    return new Connection(this.address)
  }

  release(connection: Connection): void {
    if (this.#retired) this.#close(connection)
    else this.#idle.push(connection)
  }

  /** Called now and then: closes the clients that were not needed since the last call. */
  trim(): void {
    for (const idle of this.#idle.splice(0, this.#idleLow)) this.#close(idle)
    this.#idleLow = this.#idle.length
  }

  /** Requests in flight finish; then nothing is left open. */
  retire(): void {
    this.#retired = true
    for (const idle of this.#idle.splice(0)) this.#close(idle)
  }

  #close(connection: Connection): void {
    this.#open--
    connection.close()
  }
}
