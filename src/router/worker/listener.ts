/** One listening address: takes requests in, asks the route for a slot, starts the exchange. */
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { startInterval, startTimer } from '../clock.ts'
import { Early } from './early.ts'
import { Exchange, type Upgrade } from './exchange.ts'
import { FAULT, NO_ROUTE } from './failure.ts'
import { contained, noteFault } from './fault.ts'
import { answer, type Page } from './page.ts'
import { peerOf } from './peer.ts'
import { receive } from './receive.ts'
import type { Route } from './route.ts'
import { isAnswering, isDeclined, mayUpgrade, protocolOffered } from './upgrade.ts'

const OPTIONS = {
  keepAliveTimeout: 65_000,
  headersTimeout: 30_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  /** A client that vanished without a word, found while nothing is sent to it. */
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  maxHeaderSize: 32_768,
  optimizeEmptyRequests: true,
  shouldUpgradeCallback: mayUpgrade,
}

const NO_TUNNELS = 'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n'
const CLOSING = 'Content-Length: 0\r\nConnection: close\r\n\r\n'

export class Listener {
  readonly address: string
  readonly server: Server
  route: Route | null = null

  constructor(address: string) {
    this.address = address
    this.server = createServer(OPTIONS, (req, res) => this.#admit(req, res, null))
    // The size of a head is bounded; by default Node drops what comes after the 2,000th header without a word.
    this.server.maxHeadersCount = 0
    const upgrade = contained('an upgrade', this.#admitUpgrade.bind(this))
    this.server.on('upgrade', (req, socket, head) => upgrade(req, socket as Socket, head))
    this.server.on('connect', contained('a CONNECT', refuseTunnel))
    this.server.on('clientError', contained('a client error', refuseMalformed))
    // One that could not be accepted is lost, the others are not.
    this.server.on('error', (error) => {
      if (this.server.listening) noteFault('accepting a connection', error)
    })
  }

  /** Accepts nothing new; idle connections live on for `graceMs`, so that a request just sent into one is not lost. */
  leave(graceMs: number, onClosed: () => void): void {
    NetServer.prototype.close.call(this.server, onClosed)
    const closeIdle = () => this.server.closeIdleConnections()
    if (graceMs === 0) closeIdle()
    startTimer(() => {
      closeIdle()
      startInterval(closeIdle, 500).unref()
    }, graceMs).unref()
  }

  #admit(req: IncomingMessage, res: ServerResponse, upgrade: Upgrade | null): void {
    try {
      this.#serve(req, res, upgrade)
    } catch (error) {
      noteFault('taking a request', error)
      answer(req, res, FAULT)
    }
  }

  #serve(req: IncomingMessage, res: ServerResponse, upgrade: Upgrade | null): void {
    const { route } = this
    if (route === null || route.isLeaving || isDeclined(req)) res.shouldKeepAlive = false
    if (route === null) return answer(req, res, NO_ROUTE)
    const peer = peerOf(req.socket)
    const inbound = receive(req, peer, route.trusts(peer))
    if ('reason' in inbound) return decline(req, res, inbound)
    if (route.config.maintenance !== null) return answer(req, res, maintenancePage(route.config.maintenance))
    const assignment = route.assign(req)
    if (assignment === null) return answer(req, res, NO_ROUTE)
    new Exchange(assignment, { req, res, inbound, upgrade }).start(assignment.slot)
  }

  /** A response object stands in on the socket until the upstream has agreed: refusals then look like any other answer. */
  #admitUpgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const protocol = protocolOffered(req)
    if (protocol === null) return void socket.destroy()
    const res = new ServerResponse(req)
    res.shouldKeepAlive = false
    res.assignSocket(socket)
    socket.on('drain', () => res.emit('drain'))
    res.on('finish', () => {
      res.detachSocket(socket)
      socket.destroySoon()
    })
    this.#admit(req, res, { socket: socket as Duplex, early: new Early(socket, head), protocol })
  }
}

/** A request that two recipients could read in two ways ends its connection: who knows where the next one begins. */
function decline(req: IncomingMessage, res: ServerResponse, page: Page): void {
  if (page.status !== 200) res.shouldKeepAlive = false
  answer(req, res, page)
}

function refuseTunnel(_req: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => {})
  if (isAnswering(socket as Socket)) socket.destroy()
  else (socket as Socket).end(`${NO_TUNNELS}${CLOSING}`, () => socket.destroy())
}

const TOO_LARGE: ReadonlySet<string | undefined> = new Set(['HPE_HEADER_OVERFLOW', 'HPE_CHUNK_EXTENSIONS_OVERFLOW'])

/** What is no HTTP. While an earlier request waits for its answer the connection is cut: this would be taken for it. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  socket.on('error', () => {})
  if (!socket.writable || isAnswering(socket as Socket)) return void socket.destroy()
  const line =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : TOO_LARGE.has(error.code)
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request'
  ;(socket as Socket).end(`HTTP/1.1 ${line}\r\n${CLOSING}`, () => socket.destroy())
}

function maintenancePage({ title, text, retryAfterS }: { title: string; text: string; retryAfterS: number }): Page {
  return { status: 503, reason: 'maintenance', title, text, retryAfterS }
}
