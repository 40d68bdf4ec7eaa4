/**
 * Requests lost over many switches under load: every version is a process of its own, traffic goes 10 → 50 → 100 %, and
 * the old version is killed (SIGKILL) as soon as its slot is seen with nothing in flight. A quarter of the clients open
 * a new connection for every request. Also measured: how long a change of weights takes until it is in force.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { RouterClient } from '../../src/router/client.ts'
import { until } from '../../src/testing/until.ts'
import { quantileOf, rounded } from '../measure.ts'
import type { Benchmark } from '../run.ts'
import { value, withBench } from './setup.ts'

export const name = 'router: requests lost over switches'

const REQUESTS_MIN = 100_000
const SWITCHES_MIN = 20
const STEPS = [10, 50, 100]

/** A version: answers its name, as fast as Node can. */
const VERSION = `
require('http').createServer((req, res) => res.end(process.argv[1])).listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})`

type Version = { readonly child: ChildProcess; readonly address: string }

export async function run(): Promise<Benchmark> {
  return withBench(async (bench) => {
    const { client } = await bench.router(0)
    const versions = new Set<ChildProcess>()
    try {
      return await measure(client, versions)
    } finally {
      for (const child of versions) child.kill('SIGKILL')
    }
  })
}

async function measure(client: RouterClient, versions: Set<ChildProcess>): Promise<Benchmark> {
  let live = await startVersion('v0', versions)
  let generation = 1
  const first = desiredOf(generation, 0, { liveSlot: 'blue', live, candidate: live })
  const { listening } = value(await client.put('app', { ...first, listen: '127.0.0.1:0' }))
  const load = startLoad(`http://${listening}`)
  const changesMs: number[] = []
  const controlMs: number[] = []
  const began = performance.now()
  let switches = 0
  while (switches < SWITCHES_MIN || load.done() < REQUESTS_MIN) {
    const candidate = await startVersion(`v${switches + 1}`, versions)
    const liveSlot = switches % 2 === 0 ? 'blue' : 'green'
    for (const weight of STEPS) {
      const ordered = performance.now()
      value(
        await client.put('app', {
          ...desiredOf(++generation, weight, { liveSlot, live, candidate }),
          listen: listening!,
        }),
      )
      changesMs.push(performance.now() - ordered)
      const asked = performance.now()
      value(await client.health())
      controlMs.push(performance.now() - asked)
      const passed = load.done()
      await until('requests pass at this weight', () => load.done() > passed + 200, { everyMs: 5 })
    }
    await until('the old slot is empty', async () => value(await client.get('app')).slots[liveSlot].inFlight === 0, {
      everyMs: 1,
    })
    live.child.kill('SIGKILL')
    live = candidate
    switches++
  }
  const perSecond = (load.done() / (performance.now() - began)) * 1000
  const failures = await load.stop()
  const row = {
    requests: load.done(),
    switches,
    lost: failures.length,
    'change p50 ms': rounded(quantileOf(changesMs, 0.5)),
    'change p99 ms': rounded(quantileOf(changesMs, 0.99)),
    'change max ms': rounded(Math.max(...changesMs)),
    'control p99 ms': rounded(quantileOf(controlMs, 0.99)),
  }
  const reasons = failures.slice(0, 5).map((failure) => `lost: ${failure}`)
  const method =
    'A change is timed from the desired until it is saved, in force in the worker, and answered, under load. The control is a request of the admin API that does no work: what it takes is the machine, not the router.'
  return {
    title: name,
    rows: [row],
    notes: [
      method,
      `${Math.round(perSecond)} requests/s meanwhile. Goal: 0 lost, change p99 at most 10 ms.`,
      ...reasons,
    ],
  }
}

type Sides = { readonly liveSlot: 'blue' | 'green'; readonly live: Version; readonly candidate: Version }

function desiredOf(generation: number, weight: number, { liveSlot, live, candidate }: Sides) {
  const old = { weight: 100 - weight, upstreams: [live.address] }
  const fresh = { weight, upstreams: [candidate.address] }
  return { generation, slots: liveSlot === 'blue' ? { blue: old, green: fresh } : { blue: fresh, green: old } }
}

async function startVersion(version: string, versions: Set<ChildProcess>): Promise<Version> {
  const child = spawn(process.execPath, ['-e', VERSION, version], { stdio: ['ignore', 'pipe', 'inherit'] })
  versions.add(child)
  child.once('exit', () => versions.delete(child))
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, address: `127.0.0.1:${port}` }
}

type Load = { done(): number; stop(): Promise<readonly string[]> }

/** A process of its own, so that the load is not slowed by the switching. */
function startLoad(url: string): Load {
  const child = spawn(process.execPath, [`${import.meta.dirname}/load.ts`, url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const failures: string[] = []
  let done = 0
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (line.startsWith('!')) failures.push(line.slice(1))
    else done = Number(line)
  })
  const stop = async () => {
    child.stdin.end()
    await once(child, 'exit')
    return failures
  }
  return { done: () => done, stop }
}
