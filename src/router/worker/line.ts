/** Doubly linked list in order of `since`: constant-time add and remove in the hot path, the oldest at the head. */
import type { Exchange } from './exchange.ts'

export class Line {
  head: Exchange | null = null
  tail: Exchange | null = null

  /** Removes the exchange from the line it stands in, if any, and puts it at the end of this one. */
  append(exchange: Exchange, since: number): void {
    leave(exchange)
    exchange.since = since
    exchange.line = this
    exchange.prev = this.tail
    if (this.tail === null) this.head = exchange
    else this.tail.next = exchange
    this.tail = exchange
  }
}

export function leave(exchange: Exchange): void {
  const { line, prev, next } = exchange
  if (line === null) return
  if (prev === null) line.head = next
  else prev.next = next
  if (next === null) line.tail = prev
  else next.prev = prev
  exchange.prev = exchange.next = exchange.line = null
}
