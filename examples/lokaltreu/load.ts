/**
 * A steady load: `perSecond` requests a second whatever the service does (open loop), each counted under what became of
 * it. As a program: `node examples/lokaltreu/load.ts --url http://127.0.0.1:8080 --per-second 20 [--seconds 60] [--seed 1]`
 * prints a line a second and, at the end or on Ctrl-C, the counters as JSON.
 */
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { type Shot, shots } from './load/mix.ts'
import { createTally, type LoadCounters, type Tally } from './load/tally.ts'

export type { LoadCounters } from './load/tally.ts'

export type LoadOptions = {
  readonly url: string
  readonly perSecond: number
  /** Seed of the mix of requests; default 1. */
  readonly seed?: number
  /** A request without a complete answer after this long is lost; default 10 000. */
  readonly timeoutMs?: number
  /** Requests in flight at most; what would come on top is `skipped`. Default 500. */
  readonly inFlightMax?: number
}

export type Load = {
  /** Live: read it whenever you like. */
  readonly counters: LoadCounters
  /** Sends nothing more, waits for what is in flight, and returns the final counters. */
  stop(): Promise<LoadCounters>
}

const TICK_MS = 10

export function startLoad(options: LoadOptions): Load {
  const { url, perSecond, seed = 1, timeoutMs = 10_000, inFlightMax = 500 } = options
  const pool = new Pool(new URL(url).origin, { connections: inFlightMax, pipelining: 1 })
  const tally = createTally()
  const next = shots(seed)
  const flying = new Set<Promise<void>>()
  const started = performance.now()
  let due = 0

  function tick(): void {
    const wanted = Math.floor(((performance.now() - started) / 1000) * perSecond)
    const room = Math.max(0, Math.min(wanted - due, Math.ceil(perSecond), inFlightMax - flying.size))
    tally.skip(wanted - due - room)
    due = wanted
    for (let shot = 0; shot < room; shot += 1) {
      const flight = shoot(pool, next(), timeoutMs, tally).finally(() => flying.delete(flight))
      flying.add(flight)
    }
  }

  const timer = setInterval(tick, TICK_MS)
  async function finish(): Promise<LoadCounters> {
    clearInterval(timer)
    await Promise.all(flying)
    await pool.close()
    return tally.counters
  }
  let finished: Promise<LoadCounters> | undefined
  return { counters: tally.counters, stop: () => (finished ??= finish()) }
}

async function shoot(pool: Pool, shot: Shot, timeoutMs: number, tally: Tally): Promise<void> {
  const { method, path, token, body } = shot
  const started = performance.now()
  tally.send()
  try {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await pool.request({ method, path, headers, body: body ?? null, signal })
    // An answer counts once its last byte is here; a body cut short rejects.
    await answer.body.text()
    shot.done?.(answer.statusCode)
    tally.answer(shot, answer.statusCode, String(answer.headers['x-version'] ?? 'none'), performance.now() - started)
  } catch (error) {
    tally.lose(error)
  }
}

if (import.meta.main) await run()

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      'per-second': { type: 'string', default: '20' },
      seconds: { type: 'string', default: '3600' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [perSecond, seconds, seed] = [values['per-second'], values.seconds, values.seed].map(Number)
  if (!values.url || !URL.canParse(values.url) || !perSecond || !seconds || seed === undefined || Number.isNaN(seed)) {
    console.error('Usage: load.ts --url http://127.0.0.1:8080 [--per-second 20] [--seconds 60] [--seed 1]')
    process.exit(2)
  }
  const load = startLoad({ url: values.url, perSecond, seed })
  const lines = setInterval(() => console.error(lineOf(load.counters)), 1000)
  await new Promise<void>((resolve) => {
    setTimeout(resolve, seconds * 1000)
    process.once('SIGINT', resolve)
  })
  clearInterval(lines)
  console.log(JSON.stringify(await load.stop(), null, 2))
  process.exit(0)
}

function lineOf({
  sent,
  ok,
  expectedRefusals,
  badAnswers,
  unexpected,
  lost,
  latency,
  byVersion,
}: LoadCounters): string {
  const versions = Object.entries(byVersion).map(([version, { answers }]) => `${version}: ${answers}`)
  const counts = `${sent} sent, ${ok} ok, ${expectedRefusals} refused as asked, ${unexpected} unexpected`
  return `${counts}, ${badAnswers} bad, ${lost} lost; p95 ${Math.round(latency.p95Ms)} ms; ${versions.join(', ') || 'no answer yet'}`
}
