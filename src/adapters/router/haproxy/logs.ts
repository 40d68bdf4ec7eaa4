/**
 * HAProxy's access log over UDP, in its own format (`option httplog`): requests, errors and latencies per slot, since nothing else of
 * HAProxy tells latencies but as a mean. Paths and addresses of clients stand in the lines; none is kept.
 *
 * A request counts once, when its line comes: at its end. One whose client left before the answer began is none. An error
 * is a 5xx, HAProxy's own included (503, 504), or an answer that the service broke off. Latency is the time to the head of
 * the answer, waiting and connecting included.
 */
import { createSocket } from 'node:dgram'
import { randomUUID } from 'node:crypto'
import { bucketOf } from '../../../core/histogram.ts'
import type { Slot } from '../../../core/observed.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { slotOf } from './stats.ts'

export const SCALE = { base: 1.02, unitMs: 0.1 } as const

export type Counted = { requests: number; errors: number; readonly latency: Record<string, number> }
export type Logs = {
  readonly epoch: string
  readonly slots: Readonly<Record<Slot, Counted>>
  /** Why nothing is counted: the address could not be had. */
  trouble: string | null
  /** What HAProxy said to have served when it was first asked. */
  servedBefore: number | null
}

/** `frontend backend/server TR/Tw/Tc/Tr/Ta status bytes cookie cookie flags`. */
const LINE = / (\S+)\/(\S+) -?\d+\/(-?\d+)\/(-?\d+)\/(-?\d+)\/\+?(-?\d+) (-?\d+) \+?\d+ \S+ \S+ (.)(.)\S\S /

export type Answered = { readonly slot: Slot; readonly isError: boolean; readonly latencyMs: number }

/** Null: not of this backend, of no server, or no request. */
export function readLine(line: string, backend: string): Answered | null {
  const [, name, server = '', wait, connect, answer, all, status, who, when] = LINE.exec(line) ?? []
  const slot = slotOf(server)
  if (name !== backend || slot === null) return null
  const hasBegun = Number(answer) >= 0
  if (who === 'C' && !hasBegun) return null
  const parts = [wait, connect, answer].reduce((sum, ms) => sum + Math.max(0, Number(ms)), 0)
  const isBrokenOff = (who === 'S' || who === 's') && when !== 'H'
  const isError = Number(status) >= 500 || Number(status) < 100 || isBrokenOff
  return { slot, isError, latencyMs: hasBegun ? parts : Math.max(0, Number(all)) }
}

const empty = (): Counted => ({ requests: 0, errors: 0, latency: {} })

type Listener = { readonly byBackend: Map<string, Logs>; users: number; readonly close: () => void }
const listeners = new Map<string, Listener>()

/** One listener per address and one count per backend, however many plans look at them; it ends with the last of them. */
export function countedFrom(
  address: string,
  backend: string,
  { signal, log }: Pick<AdapterContext, 'signal' | 'log'>,
): Logs {
  const listener = listeners.get(address) ?? listen(address, log)
  listener.users++
  signal.addEventListener('abort', () => release(address, listener), { once: true })
  const known = listener.byBackend.get(backend)
  if (known) return known
  const logs: Logs = {
    epoch: randomUUID(),
    slots: { blue: empty(), green: empty() },
    trouble: null,
    servedBefore: null,
  }
  listener.byBackend.set(backend, logs)
  return logs
}

function release(address: string, listener: Listener): void {
  listener.users--
  if (listener.users > 0) return
  listeners.delete(address)
  listener.close()
}

/** Bytes that the kernel may keep for us while the control plane computes: some 10,000 lines. */
const RECEIVE_BUFFER = 4_194_304

function listen(address: string, log: AdapterContext['log']): Listener {
  const { hostname, port } = new URL(`udp://${address}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER })
  const byBackend = new Map<string, Logs>()
  socket.on('message', (message) => {
    const line = message.toString('latin1')
    for (const [backend, logs] of byBackend) count(logs, readLine(line, backend))
  })
  socket.on('error', (error) => {
    for (const logs of byBackend.values()) logs.trouble = error.message
    log.warn('the access log of HAProxy cannot be received', { address, err: error })
  })
  socket.bind(Number(port), host)
  socket.unref()
  const listener = { byBackend, users: 0, close: () => socket.close() }
  listeners.set(address, listener)
  return listener
}

function count({ slots }: Logs, answered: Answered | null): void {
  if (answered === null) return
  const of = slots[answered.slot]
  const bucket = bucketOf(SCALE, answered.latencyMs)
  of.requests++
  if (answered.isError) of.errors++
  of.latency[bucket] = (of.latency[bucket] ?? 0) + 1
}
