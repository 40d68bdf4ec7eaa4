/** The way back: what undici hears from the upstream, passed to the client. */
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { completed, countOnce, latencyOf, settle } from './accounting.ts'
import { bind } from './cookies.ts'
import { flushSoon, informational, switchProtocols } from './downstream.ts'
import type { Exchange } from './exchange.ts'
import { UNPASSABLE } from './failure.ts'
import { reasonOctets, responseHead, trailers } from './headers.ts'
import { refuse } from './recovery.ts'
import { Tunnel } from './tunnel.ts'

type Controller = Dispatcher.DispatchController

export function passHead(exchange: Exchange, raw: readonly Buffer[], status: number, reason: string): void {
  const { req, res, route, slot, assignment, inbound } = exchange
  if (status >= 100 && status < 200) return informational(req, res, status, raw)
  const framing = { status, isHead: req.method === 'HEAD', isOld: req.httpVersionMinor === 0 }
  const { headers, contentLength, isSse, isForeign, wanted } = responseHead(raw, framing)
  if (isForeign || status < 100) return refuse(exchange, UNPASSABLE)
  const cookie = assignment.isFirm ? null : route.cookieFor(slot, inbound.isSecure)
  if (cookie !== null) bind(headers, status, cookie)
  if (route.isLeaving) res.shouldKeepAlive = false
  if (wanted !== null) headers.push('Upgrade', wanted, 'Connection', res.shouldKeepAlive ? 'Upgrade' : 'Upgrade, close')
  res.writeHead(status, reasonOctets(reason), headers)
  if (contentLength !== null) exchange.bodyLeft = contentLength
  exchange.isSse = isSse
  exchange.upgrade?.early.drop()
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
  const { res } = exchange
  if (rawTrailers?.length) res.addTrailers(trailers(rawTrailers))
  if (!res.writableEnded) res.end()
  completed(exchange)
}

export function becomeTunnel(exchange: Exchange, raw: readonly Buffer[], upstream: Duplex): void {
  const upgrade = exchange.upgrade!
  begin(exchange, 101)
  countOnce(exchange, false)
  switchProtocols(exchange.res, upgrade.socket, raw)
  for (const chunk of upgrade.early.take()) upstream.write(chunk)
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
