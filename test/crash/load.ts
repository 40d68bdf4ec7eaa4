/** Users of the service while its control plane dies: an open loop over keep-alive connections, reads and writes by turns. */
import { Pool } from 'undici'

export type LoadCounters = {
  readonly sent: number
  /** Without a complete answer of an instance: an error, a time-out, or the router's own answer. */
  readonly lost: number
  /** 500s of an instance: a bad release's doing, but an answer. */
  readonly bad: number
  readonly lostBy: Readonly<Record<string, number>>
}

export type Load = { readonly counters: LoadCounters; stop(): Promise<LoadCounters> }

const TIMEOUT_MS = 10_000

type Counting = { sent: number; lost: number; bad: number; lostBy: Record<string, number> }

export function startLoad(url: string, perSecond: number): Load {
  const pool = new Pool(new URL(url).origin, { connections: 50, pipelining: 1 })
  const counters: Counting = { sent: 0, lost: 0, bad: 0, lostBy: {} }
  const flying = new Set<Promise<void>>()
  const timer = setInterval(() => {
    counters.sent += 1
    const flight = shoot(pool, counters).finally(() => flying.delete(flight))
    flying.add(flight)
  }, 1000 / perSecond)
  return {
    counters,
    async stop() {
      clearInterval(timer)
      await Promise.all(flying)
      await pool.close()
      return counters
    },
  }
}

async function shoot(pool: Pool, counters: Counting): Promise<void> {
  const isWrite = counters.sent % 2 === 0
  try {
    const answer = await pool.request({
      method: isWrite ? 'POST' : 'GET',
      path: `/users/${counters.sent}`,
      ...(isWrite ? { body: 'a stamp' } : {}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await answer.body.text()
    if (answer.headers['x-version'] === undefined) lose(counters, `${answer.statusCode} of the router: ${text}`)
    else if (answer.statusCode !== 200) counters.bad += 1
  } catch (error) {
    lose(counters, error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  }
}

function lose(counters: Counting, why: string): void {
  counters.lost += 1
  counters.lostBy[why] = (counters.lostBy[why] ?? 0) + 1
}
