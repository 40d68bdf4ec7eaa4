/**
 * The supervisor: one detached process per slot that starts and watches the slot's instances. It outlives the control plane
 * (law L9); everything that changes a slot goes through it, so that nothing is ever done by two at once.
 *
 * `node supervisor.ts FOLDER` claims the slot whose folder that is, or ends at once when another supervisor has it. It takes orders
 * over HTTP on 127.0.0.1 with a bearer token, and ends when its slot is empty.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { flushCompileCache } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { LogQuery } from '../../../ports/platform.ts'
import { failure, ok } from '../../../ports/result.ts'
import { startOf } from '../../command/process-group.ts'
import { claim } from './claim.ts'
import { SlotSupervisor } from './slot-supervisor.ts'
import type { EnsureOrder, StopOrder } from './wire.ts'
import { startTimer } from '../../../timers.ts'

/** A supervisor of an empty slot that nobody gives an order ends after this. */
const IDLE_MS = 10_000

const folder = process.argv[2]!
const token = randomBytes(32).toString('base64url')
const slot = new SlotSupervisor(folder)
const server = createServer((request, response) => void answer(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  if (!claim(folder, { format: 1, pid: process.pid, start: startOf(process.pid)!, port, token })) process.exit(0)
  slot.adopt()
  flushCompileCache()
  startTimer(() => leaveWhenEmpty(server), IDLE_MS).unref()
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const result = isAllowed(request)
    ? await perform(request).catch((error: Error) => failure('transient', `the supervisor failed: ${error.message}`))
    : failure('permanent', "wrong token: the supervisor's record was replaced")
  response.on('close', () => leaveWhenEmpty(server))
  response.setHeader('Connection', 'close').end(JSON.stringify(result))
}

async function perform(request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://supervisor')
  if (url.pathname === '/ensure') return slot.ensure(JSON.parse(await text(request)) as EnsureOrder)
  if (url.pathname === '/stop') return slot.stop(JSON.parse(await text(request)) as StopOrder)
  if (url.pathname === '/logs') return ok(slot.logs(queryOf(url.searchParams)))
  return ok(slot.observe())
}

function queryOf(parameters: URLSearchParams): LogQuery {
  const since = parameters.get('since')
  return {
    release: parameters.get('release'),
    lines: Number(parameters.get('lines')),
    since: since === null ? null : Number(since),
  }
}

function isAllowed(request: IncomingMessage): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function leaveWhenEmpty(server: Server): void {
  if (slot.leave()) server.close(() => process.exit(0))
}
