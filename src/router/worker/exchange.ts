/**
 * One request on its way to an upstream and its response on the way back; undici calls it as the handler.
 *
 * Life: `start` puts it in its slot's waiting line in the same synchronous step that chose the slot, so that a drain sees
 * every request. Response headers move it to the responding line. It ends in exactly one of: completed, failed, timed
 * out, aborted by the client, ended by a drain, given up for a fault of the router's own. One object and no closures per
 * request: this is the hot path. Nothing thrown in here leaves it: what is not caught would end everybody's requests.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Early } from './early.ts'
import type { Dispatcher } from 'undici'
import { clientLeft } from './accounting.ts'
import type { Connection } from './connection.ts'
import { NO_CONNECTION, SATURATED } from './failure.ts'
import { contained, noteFault } from './fault.ts'
import type { Line } from './line.ts'
import type { Inbound } from './receive.ts'
import { atFault, failed, GIVEN_UP, giveUp, refuse } from './recovery.ts'
import { RequestBody } from './request-body.ts'
import { becomeTunnel, passData, passEnd, passHead } from './response.ts'
import type { Assignment, Route } from './route.ts'
import type { Slot } from './slot.ts'
import type { Still } from './standstill.ts'
import type { Tunnel } from './tunnel.ts'
import type { Upstream } from './upstream.ts'

export type Upgrade = { readonly socket: Duplex; readonly early: Early; readonly protocol: string }

/** A request past the border, with what stands for its answer. */
export type Admitted = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly inbound: Inbound
  readonly upgrade: Upgrade | null
}

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
  readonly inbound: Inbound
  readonly upgrade: Upgrade | null
  readonly body: RequestBody | null
  slot: Slot
  upstream: Upstream | null = null
  connection: Connection | null = null
  controller: Controller | null = null
  tunnel: Tunnel | null = null
  still: Still | null = null
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

  constructor(assignment: Assignment, { req, res, inbound, upgrade }: Admitted) {
    this.route = assignment.route
    this.assignment = assignment
    this.slot = assignment.slot
    this.req = req
    this.res = res
    this.inbound = inbound
    this.upgrade = upgrade
    this.body = inbound.hasBody && upgrade === null ? new RequestBody(req) : null
    ;(res as Marked)[kExchange] = this
    res.on('close', onClientClose).on('error', onClientError)
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
    this.connection = this.upstream.acquire()
    if (this.connection === null) return refuse(this, SATURATED)
    const options: Dispatcher.DispatchOptions = {
      method: this.req.method!,
      path: this.inbound.path,
      headers: this.inbound.headers,
      body: this.body,
      blocking: false,
      upgrade: this.upgrade === null ? null : this.upgrade.protocol,
    }
    this.connection.dispatch(options, this)
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
    if (this.isOver) return
    try {
      passHead(this, controller.rawHeaders as Buffer[], status, reason)
    } catch (error) {
      atFault(this, error)
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.isOver) return
    try {
      passData(this, controller, chunk, onClientDrain)
    } catch (error) {
      atFault(this, error)
    }
  }

  onResponseEnd(controller: Controller): void {
    this.release()
    if (this.isOver) return
    try {
      passEnd(this, controller.rawTrailers as Buffer[] | null)
    } catch (error) {
      atFault(this, error)
    }
  }

  onRequestUpgrade(controller: Controller, _status: number, _headers: unknown, socket: Duplex): void {
    this.release()
    if (this.isOver) return void socket.destroy()
    try {
      becomeTunnel(this, controller.rawHeaders as Buffer[], socket)
    } catch (error) {
      socket.destroy()
      atFault(this, error)
    }
  }

  onResponseError(_controller: Controller | null, error: Error & { readonly code?: string }): void {
    const isConnectFailure = this.controller === null
    this.release()
    if (this.isOver) return
    try {
      failed(this, isConnectFailure, error.code)
    } catch (fault) {
      atFault(this, fault)
    }
  }

  release(): void {
    if (this.connection === null) return
    this.upstream!.release(this.connection)
    this.connection = null
  }

  /** The client is gone: so is the upstream's reason to go on. */
  abandon(): void {
    clientLeft(this)
    giveUp(this)
  }
}

const abandon = contained('the end of a client', (exchange: Exchange) => exchange.abandon())

function onClientClose(this: ServerResponse): void {
  const exchange = (this as Marked)[kExchange]!
  if (!exchange.isOver && exchange.tunnel === null) abandon(exchange)
}

/** Written to after its end: a mistake of ours, and the client's answer is not to be trusted. */
function onClientError(this: ServerResponse, error: Error): void {
  noteFault('writing an answer', error)
  this.destroy()
}

const resume = contained('a client that reads again', (exchange: Exchange) => exchange.controller?.resume())

function onClientDrain(this: ServerResponse): void {
  resume((this as Marked)[kExchange]!)
}
