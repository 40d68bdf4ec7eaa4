/**
 * One request on its way to an upstream and its response on the way back; undici calls it as the handler.
 *
 * Life: `start` puts it in its slot's waiting line in the same synchronous step that chose the slot, so that a drain sees
 * every request. Response headers move it to the responding line. It ends in exactly one of: completed, failed, timed
 * out, aborted by the client, ended by a drain. One object and no closures per request: this is the hot path.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Client, Dispatcher } from 'undici'
import { clientLeft } from './accounting.ts'
import { NO_CONNECTION, SATURATED } from './failure.ts'
import { originForm, requestHead } from './headers.ts'
import type { Line } from './line.ts'
import { failed, GIVEN_UP, refuse } from './recovery.ts'
import { RequestBody } from './request-body.ts'
import { becomeTunnel, passData, passEnd, passHead } from './response.ts'
import type { Assignment, Route } from './route.ts'
import type { Slot } from './slot.ts'
import type { Tunnel } from './tunnel.ts'
import type { Upstream } from './upstream.ts'

export type Upgrade = { readonly socket: Duplex; readonly head: Buffer; readonly protocol: string }

type Controller = Dispatcher.DispatchController

const kExchange = Symbol('exchange')
type Marked = ServerResponse & { [kExchange]?: Exchange }

export class Exchange implements Dispatcher.DispatchHandler {
  prev: Exchange | null = null
  next: Exchange | null = null
  line: Line | null = null
  /** `performance.now()` since when the client waits for the upstream; once responding, when the headers came. */
  since = 0

  readonly route: Route
  readonly assignment: Assignment
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly upgrade: Upgrade | null
  readonly headers: string[]
  readonly body: RequestBody | null
  slot: Slot
  upstream: Upstream | null = null
  client: Client | null = null
  controller: Controller | null = null
  tunnel: Tunnel | null = null
  upstreamIndex = -1
  connectTries = 0
  resets = 0
  /** 0 until the response has begun. */
  status = 0
  latencyMs = 0
  bodyLeft = -1
  bodyBegun = false
  isSse = false
  isCounted = false
  isOver = false

  constructor(assignment: Assignment, req: IncomingMessage, res: ServerResponse, upgrade: Upgrade | null) {
    this.route = assignment.route
    this.assignment = assignment
    this.slot = assignment.slot
    this.req = req
    this.res = res
    this.upgrade = upgrade
    const { headers, hasBody } = requestHead(req, this.route.config.trustedProxies)
    this.headers = headers
    this.body = hasBody && upgrade === null ? new RequestBody(req) : null
    ;(res as Marked)[kExchange] = this
    res.on('close', onClientClose)
  }

  start(slot: Slot): void {
    this.slot = slot
    slot.inFlight++
    slot.waiting.append(this, performance.now())
    this.dispatch()
  }

  dispatch(): void {
    this.controller = null
    const { upstreams } = this.slot
    if (upstreams.length === 0) return refuse(this, NO_CONNECTION)
    this.upstreamIndex = this.upstreamIndex < 0 ? this.slot.turn() : this.upstreamIndex + 1
    this.upstream = upstreams[this.upstreamIndex % upstreams.length]!
    this.client = this.upstream.acquire()
    if (this.client === null) return refuse(this, SATURATED)
    const options: Dispatcher.DispatchOptions = {
      method: this.req.method!,
      path: originForm(this.req.url!),
      headers: this.headers,
      body: this.body,
      blocking: false,
      upgrade: this.upgrade === null ? null : this.upgrade.protocol,
    }
    this.client.dispatch(options, this)
  }

  onRequestStart(controller: Controller): void {
    if (this.isOver) return controller.abort(GIVEN_UP)
    this.controller = controller
  }

  /** An upload that moves is not waiting for the upstream yet. */
  onBodySent(): void {
    if (this.status === 0 && !this.isOver) this.slot.waiting.append(this, performance.now())
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, reason = ''): void {
    if (!this.isOver) passHead(this, controller.rawHeaders as Buffer[], status, reason)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.isOver) passData(this, controller, chunk, onClientDrain)
  }

  onResponseEnd(controller: Controller): void {
    this.release()
    if (!this.isOver) passEnd(this, controller.rawTrailers as Buffer[] | null)
  }

  onRequestUpgrade(controller: Controller, _status: number, _headers: unknown, socket: Duplex): void {
    this.release()
    if (this.isOver) socket.destroy()
    else becomeTunnel(this, controller.rawHeaders as Buffer[], socket)
  }

  onResponseError(_controller: Controller | null, error: Error & { readonly code?: string }): void {
    const isConnectFailure = this.controller === null
    this.release()
    if (!this.isOver) failed(this, isConnectFailure, error.code)
  }

  release(): void {
    if (this.client === null) return
    this.upstream!.release(this.client)
    this.client = null
  }

  /** The client is gone: so is the upstream's reason to go on. */
  abandon(): void {
    clientLeft(this)
    this.controller?.abort(GIVEN_UP)
  }
}

function onClientClose(this: ServerResponse): void {
  const exchange = (this as Marked)[kExchange]!
  if (!exchange.isOver && exchange.tunnel === null) exchange.abandon()
}

function onClientDrain(this: ServerResponse): void {
  ;(this as Marked)[kExchange]!.controller?.resume()
}
