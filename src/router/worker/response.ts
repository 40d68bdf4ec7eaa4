/** The way back: what undici hears from the upstream, passed to the client. */
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { countOnce, latencyOf, settle } from './accounting.ts'
import { flushSoon, informational, pairs, switchProtocols } from './downstream.ts'
import type { Exchange } from './exchange.ts'
import { responseHead } from './headers.ts'
import { Tunnel } from './tunnel.ts'

type Controller = Dispatcher.DispatchController

export function passHead(exchange: Exchange, raw: readonly Buffer[], status: number, reason: string): void {
  const { req, res, route, slot, assignment } = exchange
  if (status < 200) return informational(req, res, status, raw)
  const { headers, contentLength, isSse } = responseHead(raw)
  const cookie = assignment.bound ? null : route.cookieFor(slot)
  if (cookie !== null) headers.push('Set-Cookie', cookie)
  if (route.isLeaving) res.shouldKeepAlive = false
  res.sendDate = false
  res.writeHead(status, reason, headers)
  if (contentLength !== null) exchange.bodyLeft = contentLength
  exchange.isSse = isSse
  begin(exchange, status)
  if (contentLength !== 0) flushSoon(exchange)
}

/** The last chunk of a known length ends the response at once: head and body leave in one piece. */
export function passData(exchange: Exchange, controller: Controller, chunk: Buffer, onDrain: () => void): void {
  exchange.bodyBegun = true
  if (exchange.bodyLeft === chunk.length) {
    exchange.bodyLeft = 0
    exchange.res.end(chunk)
    return
  }
  if (exchange.bodyLeft > 0) exchange.bodyLeft -= chunk.length
  if (exchange.res.write(chunk)) return
  controller.pause()
  exchange.res.once('drain', onDrain)
}

export function passEnd(exchange: Exchange, rawTrailers: readonly Buffer[] | null): void {
  const { res, slot } = exchange
  if (rawTrailers?.length) res.addTrailers(pairs(rawTrailers))
  if (!res.writableEnded) res.end()
  countOnce(exchange, exchange.status >= 500)
  slot.completions++
  settle(exchange)
}

export function becomeTunnel(exchange: Exchange, raw: readonly Buffer[], upstream: Duplex): void {
  const upgrade = exchange.upgrade!
  begin(exchange, 101)
  countOnce(exchange, false)
  switchProtocols(exchange.res, upgrade.socket, raw)
  if (upgrade.head.length > 0) upstream.write(upgrade.head)
  exchange.tunnel = new Tunnel(upgrade.socket, upstream, upgrade.protocol.toLowerCase() === 'websocket', () => {
    exchange.slot.completions++
    settle(exchange)
  })
}

function begin(exchange: Exchange, status: number): void {
  const now = performance.now()
  exchange.latencyMs = latencyOf(exchange, now)
  exchange.status = status
  exchange.slot.responding.append(exchange, now)
}
