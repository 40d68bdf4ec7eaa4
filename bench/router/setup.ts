/** What the router's benchmarks share: tools, pinned processes, a router of their own. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Result, type RouterClient } from '../../src/router/client.ts'
import { until } from '../../src/testing/until.ts'

const ROUTER = join(import.meta.dirname, '../../src/router/main.ts')

/** Null when the programs are there (installed from Debian if we may); otherwise why not. */
export function lacking(programs: readonly string[]): string | null {
  const missing = () => programs.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing().length === 0) return null
  if (process.getuid?.() !== 0) return `${missing().join(', ')} not installed, and not root`
  const install = ['install', '-y', '--no-install-recommends', ...missing()]
  spawnSync('apt-get', install, { stdio: 'ignore', timeout: 120_000 })
  return missing().length === 0 ? null : `${missing().join(', ')} could not be installed by apt-get`
}

/** Ends everything it started, whatever happens. */
export async function withBench<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
  const bench = new Bench()
  try {
    return await work(bench)
  } finally {
    await bench.end()
  }
}

export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'stellwerk-bench-'))
  readonly #children = new Set<ChildProcess>()

  /** Starts a program on one core, if there is more than one. */
  start(core: number, command: string, args: readonly string[]): ChildProcess {
    const pinned = availableParallelism() > 1 ? ['taskset', '-c', String(core), command, ...args] : [command, ...args]
    const child = spawn(pinned[0]!, pinned.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] })
    this.#children.add(child)
    return child
  }

  async router(
    core: number,
  ): Promise<{ readonly client: RouterClient; readonly pids: () => Promise<readonly number[]> }> {
    const data = join(this.dir, 'router')
    this.start(core, process.execPath, [ROUTER, '--data', data])
    const client = await until('the router answers', () => connect(data))
    const pids = async () => {
      const { pid, worker } = value(await client.health())
      return [pid, worker!]
    }
    return { client, pids }
  }

  async end(): Promise<void> {
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) await stop(child)
    rmSync(this.dir, { recursive: true, force: true })
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const killer = setTimeout(() => child.kill('SIGKILL'), 12_000)
  child.kill('SIGTERM')
  await once(child, 'exit')
  clearTimeout(killer)
}

export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(JSON.stringify(result.problem))
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function listening(port: number): Promise<void> {
  await until(`something listens on ${port}`, async () => {
    const socket = net.connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } finally {
      socket.destroy()
    }
  })
}

/** CPU time of a process so far, in µs; null where /proc does not say. */
export function cpuUs(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return ((Number(fields[11]) + Number(fields[12])) * 1e6) / clockTicks()
  } catch {
    return null
  }
}

let ticks: number | null = null

function clockTicks(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return ticks
}
