import type { Client } from 'pg'
import type { Database } from './pool.ts'
import { delay } from '../../timers.ts'

type Seen = (position: number) => void

/** Where `stellwerk.append` announces the newest position. */
const CHANNEL = 'stellwerk_log'

export interface Listener {
  listen(seen: Seen): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** A silent line is asked for a sign of life this often; a lost one is opened again after a pause that grows to 5 s. */
const HEARTBEAT_MS = 10_000
const PAUSES_MS = [100, 250, 500, 1000, 2000, 5000]

/** One connection for all who listen in this process. After a loss, everybody hears of the newest position. */
export function listener(database: Database): Listener {
  const listeners = new Set<Seen>()
  let line: Line | null = null

  async function close(): Promise<void> {
    const open = line
    line = null
    await open?.close()
  }

  return {
    close,
    async listen(seen) {
      const own: Seen = (position) => seen(position)
      listeners.add(own)
      line ??= openLine(database, (position) => {
        for (const each of listeners) each(position)
      })
      await line.ready
      return async () => {
        listeners.delete(own)
        if (listeners.size === 0) await close()
      }
    },
  }
}

type Line = { readonly ready: Promise<void>; readonly close: () => Promise<void> }

function openLine(database: Database, tell: Seen): Line {
  const ending = new AbortController()
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const running = stay(database, ending.signal, tell, resolve)
  return {
    ready,
    async close() {
      ending.abort()
      await running
    },
  }
}

/** Holds a connection until `signal` aborts; `ready` is called when the first one listens. */
async function stay(database: Database, signal: AbortSignal, tell: Seen, ready: () => void): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    const client = database.client()
    try {
      await connect(client, tell)
      ready()
      failures = 0
      await untilLost(client, signal)
    } catch {
      await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] as number, signal)
      failures += 1
    } finally {
      void client.end().catch(() => undefined)
    }
  }
  ready()
}

async function connect(client: Client, tell: Seen): Promise<void> {
  client.on('error', () => undefined)
  client.on('notification', ({ payload }) => tell(Number(payload)))
  await client.connect()
  await client.query(`listen ${CHANNEL}`)
  const { rows } = await client.query('select size from stellwerk.log_head')
  const size = Number(rows[0].size)
  if (size > 0) tell(size)
}

async function untilLost(client: Client, signal: AbortSignal): Promise<void> {
  const lost = new AbortController()
  client.once('end', () => lost.abort())
  const either = AbortSignal.any([signal, lost.signal])
  while (!either.aborted) {
    await pause(HEARTBEAT_MS, either)
    if (!either.aborted) await client.query('select')
  }
  if (!signal.aborted) throw new Error('the connection that listens was lost')
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
