/**
 * Requests per second and p99 through the router, through HAProxy with the same configuration, and without either.
 *
 * The proxy has one core, load generator and backend share the other. The backend is HAProxy answering 1 KB from memory,
 * which is faster than any proxy before it. Rounds alternate, so that a noisy neighbour meets all three; the ratio is of
 * the medians.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { quantileOf, rounded } from '../measure.ts'
import type { Benchmark } from '../run.ts'
import { cpuUs, freePort, lacking, listening, value, withBench, type Bench } from './setup.ts'

export const name = 'router: requests per second against HAProxy'

const ROUNDS = 3
const SECONDS = 4
const CLIENTS = 50
const PROXY_CORE = 0
const LOAD_CORE = 1

type Contender = { readonly name: string; readonly port: number; readonly pids: () => Promise<readonly number[]> }
type Round = {
  readonly rps: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
  readonly cpuUs: number | null
}

export async function run(): Promise<Benchmark> {
  const why = lacking(['haproxy', 'wrk', 'taskset'])
  if (why) return { title: name, rows: [], notes: [`skipped: ${why}`] }
  return withBench(async (bench) => {
    const contenders = await contend(bench)
    const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]))
    for (const { port } of contenders) await wrk(port, 1)
    for (let i = 0; i < ROUNDS; i++)
      for (const contender of contenders) rounds.get(contender)!.push(await round(contender))
    return table(rounds)
  })
}

async function contend(bench: Bench): Promise<readonly Contender[]> {
  const [bare, haproxy] = [await freePort(), await freePort()]
  writeFileSync(join(bench.dir, 'body'), 'x'.repeat(1024))
  const answer = `http-request return status 200 content-type text/plain file ${join(bench.dir, 'body')}`
  const backend = startHaproxy(bench, LOAD_CORE, 'backend', `frontend f\n  bind 127.0.0.1:${bare}\n  ${answer}\n`)
  await listening(bare)
  const servers = `server blue 127.0.0.1:${bare} weight 90\n  server green 127.0.0.1:${bare} weight 10\n`
  const config = `frontend f\n  bind 127.0.0.1:${haproxy}\n  option forwardfor\n  default_backend app\nbackend app\n  ${servers}`
  const proxy = startHaproxy(bench, PROXY_CORE, 'haproxy', config)
  await listening(haproxy)
  const router = await bench.router(PROXY_CORE)
  const upstreams = [`127.0.0.1:${bare}`]
  const slots = { blue: { weight: 90, upstreams }, green: { weight: 10, upstreams } }
  const view = value(await router.client.put('bench', { generation: 1, listen: '127.0.0.1:0', slots }))
  return [
    { name: 'no proxy', port: bare, pids: async () => [backend] },
    { name: 'HAProxy', port: haproxy, pids: async () => [proxy] },
    { name: 'stellwerk-router', port: Number(view.listening!.split(':')[1]), pids: router.pids },
  ]
}

function startHaproxy(bench: Bench, core: number, file: string, config: string): number {
  const path = join(bench.dir, `${file}.cfg`)
  const timeouts = 'timeout client 60s\n  timeout server 60s\n  timeout connect 5s'
  writeFileSync(path, `global\n  nbthread 1\n  maxconn 4000\ndefaults\n  mode http\n  ${timeouts}\n${config}`)
  return bench.start(core, 'haproxy', ['-db', '-q', '-f', path]).pid!
}

async function round({ port, pids }: Contender): Promise<Round> {
  const before = total(await pids())
  const measured = await wrk(port, SECONDS)
  const after = total(await pids())
  return { ...measured, cpuUs: before === null || after === null ? null : (after - before) / (measured.rps * SECONDS) }
}

function total(pids: readonly number[]): number | null {
  const times = pids.map(cpuUs)
  return times.includes(null) ? null : times.reduce<number>((sum, time) => sum + time!, 0)
}

async function wrk(port: number, seconds: number): Promise<Omit<Round, 'cpuUs'>> {
  const args = [
    '-c',
    String(LOAD_CORE),
    'wrk',
    '-t1',
    `-c${CLIENTS}`,
    `-d${seconds}s`,
    '--latency',
    `http://127.0.0.1:${port}/`,
  ]
  const { stdout } = await promisify(execFile)('taskset', args)
  const ms = (percentile: string) => {
    const [, number, unit] = new RegExp(`${percentile}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout)!
    return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
  }
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? []
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0
  const failed = [...errors, refused].reduce<number>((sum, count) => sum + Number(count), 0)
  return { rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)![1]), p50Ms: ms('50'), p99Ms: ms('99'), failed }
}

function table(rounds: ReadonlyMap<Contender, readonly Round[]>): Benchmark {
  const median = (list: readonly Round[], of: (round: Round) => number) => quantileOf(list.map(of), 0.5)
  const haproxy = median([...rounds].find(([contender]) => contender.name === 'HAProxy')![1], (round) => round.rps)
  const rows = [...rounds].map(([contender, list]) => ({
    through: contender.name,
    'requests/s': Math.round(median(list, (round) => round.rps)),
    'of HAProxy': `${Math.round((median(list, (round) => round.rps) / haproxy) * 100)} %`,
    'p50 ms': rounded(
      median(list, (round) => round.p50Ms),
      2,
    ),
    'p99 ms': rounded(
      median(list, (round) => round.p99Ms),
      2,
    ),
    'CPU µs/request': rounded(median(list, (round) => round.cpuUs ?? Number.NaN)),
    failed: list.reduce((sum, round) => sum + round.failed, 0),
  }))
  const method = `Median of ${ROUNDS} alternating rounds of ${SECONDS} s, wrk with ${CLIENTS} keep-alive connections, 1 KB answers, weights 90/10.`
  return {
    title: name,
    rows,
    notes: [method, 'The proxy has core 0; wrk and the backend share core 1. Goal: at least 50 % of HAProxy.'],
  }
}
