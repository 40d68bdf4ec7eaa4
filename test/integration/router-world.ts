/** A real router process and real backends for the router's tests. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { GUARD_LOCK, livingHolder } from '../../src/router/guard/lock.ts'
import { connect, type Result, type RouterClient, type DesiredRouteInput } from '../../src/router/client.ts'
import { until } from '../../src/testing/until.ts'

export const MAIN = join(import.meta.dirname, '../../src/router/main.ts')

/** Whatever router serves it ends with the test. */
export function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-router-'))
  t.after(async () => {
    await endRouter(dir)
    rmSync(dir, { recursive: true, force: true })
  })
  return dir
}

export type RouterProcess = {
  /** The guard: what a service manager would have started. */
  readonly child: ChildProcess
  readonly client: RouterClient
  readonly dir: string
  log(): string
}

/** Starts a router and waits until it answers; it ends with the test. */
export async function startRouter(t: TestContext, dir = folder(t)): Promise<RouterProcess> {
  const { child, log } = spawnRouter(t, ['--data', dir])
  const client = await until<RouterClient | false>(
    'the router answers',
    async () => {
      if (child.exitCode !== null) throw new Error(`router exited with ${child.exitCode}: ${log()}`)
      const router = await connect(dir)
      const health = await router.health()
      return health.ok && health.value.guard === child.pid && router
    },
    { timeoutMs: 60_000 },
  )
  return { child, client: client as RouterClient, dir, log }
}

export function spawnRouter(
  t: TestContext,
  args: readonly string[],
): { readonly child: ChildProcess; readonly log: () => string } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  child.stderr.on('data', (chunk) => (text += chunk))
  t.after(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  return { child, log: () => text }
}

/** Whoever serves the folder now is asked to end, and made to after a while. */
export async function endRouter(dir: string): Promise<void> {
  const living = () => [livingHolder(dir), livingHolder(dir, GUARD_LOCK)].filter((holder) => holder !== null)
  const deadline = performance.now() + 3_000
  for (const { pid } of living()) process.kill(pid, 'SIGTERM')
  await until('the router has ended', () => living().length === 0 || performance.now() > deadline)
  for (const { pid } of living()) process.kill(pid, 'SIGKILL')
}

/** As a crash of the machine would: guard, primary and workers at once. */
export async function killRouter({ client, dir }: Pick<RouterProcess, 'client' | 'dir'>): Promise<void> {
  const { pid, guard, worker } = value(await client.health())
  for (const each of [pid, guard, worker]) if (each !== null) process.kill(each, 'SIGKILL')
  const isGone = () => livingHolder(dir) === null && livingHolder(dir, GUARD_LOCK) === null
  await until('the router is dead', isGone)
}

/** Waits for the end of a process; its exit code, or the signal. */
export async function exitOf(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? child.signalCode
}

export type Backend = { readonly address: string; readonly server: http.Server; close(): void }

/** A backend in this process; `close` cuts every connection, as a crash would. */
export async function backend(t: TestContext, handler: http.RequestListener): Promise<Backend> {
  const server = http.createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  t.after(close)
  return { address: `127.0.0.1:${port}`, server, close }
}

export function named(t: TestContext, name: string): Promise<Backend> {
  return backend(t, (_req, res) => res.end(name))
}

/** A raw TCP backend, for what no well-behaved server does. */
export async function rawBackend(t: TestContext, onConnection: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Nobody listens here: no port that a test running beside this one may be given. */
export const DEAD = '127.0.0.1:1'

/** A port that was free a moment ago, to listen on. */
export async function freeAddress(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `127.0.0.1:${port}`
}

type Sides = { readonly blue?: readonly string[]; readonly green?: readonly string[] }

/** A desired route with `weight` percent for green. */
export function desired(
  generation: number,
  weight: number,
  sides: Sides,
  more: Partial<DesiredRouteInput> = {},
): DesiredRouteInput {
  return {
    generation,
    listen: '127.0.0.1:0',
    slots: {
      blue: { weight: 100 - weight, upstreams: [...(sides.blue ?? [])] },
      green: { weight, upstreams: [...(sides.green ?? [])] },
    },
    ...more,
  }
}

export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(`${result.status}: ${JSON.stringify(result.problem)}`)
}

/** Puts the desired route and says where requests are taken. */
export async function put(client: RouterClient, key: string, desired: DesiredRouteInput): Promise<string> {
  return value(await client.put(key, desired)).listening!
}

export type Answer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly rawHeaders: string[]
  readonly body: string
}

export type Ask = http.RequestOptions & { readonly body?: string }

/** One request, by default on a connection of its own. */
export function ask(address: string, { body, ...options }: Ask = {}): Promise<Answer> {
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const req = http.request({ host, port, agent: false, ...options }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk) => (text += chunk))
      res.on('error', reject)
      res.on('end', () =>
        resolve({ status: res.statusCode!, headers: res.headers, rawHeaders: res.rawHeaders, body: text }),
      )
    })
    req.on('error', reject)
    req.end(body)
  })
}

/** Sends octets and collects what comes back until the other side closes (or resets); after 20 s it says so. */
export async function raw(address: string, text: string): Promise<string> {
  const [host, port] = address.split(':')
  const socket = net.connect(Number(port), host)
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => (received += chunk))
  socket.on('error', () => {})
  socket.setTimeout(20_000, () => {
    received += '(nothing more came, and the connection stayed open)'
    socket.destroy()
  })
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return received
}

export type Load = {
  readonly counts: Record<string, number>
  readonly errors: string[]
  stop(): Promise<void>
  total(): number
}

/**
 * Clients that ask as fast as they get answers, until stopped, or until the test ends however it does: one that goes on would
 * keep the whole file from ending. Bodies are counted, everything else is an error.
 */
export function load(
  t: TestContext,
  address: string,
  { clients = 8, keepAlive = true, headers = {} as Record<string, string>, pauseMs = 0 } = {},
): Load {
  const counts: Record<string, number> = {}
  const errors: string[] = []
  const agent = new http.Agent({ keepAlive, maxSockets: clients })
  const state = { isRunning: true }
  const run = async () => {
    while (state.isRunning) {
      try {
        const { status, body } = await ask(address, { agent, headers })
        if (status === 200) counts[body] = (counts[body] ?? 0) + 1
        else errors.push(`${status} ${body.slice(0, 200)}`)
      } catch (error) {
        errors.push((error as Error).message)
      }
      if (pauseMs > 0) await delay(pauseMs)
    }
  }
  const running = Array.from({ length: clients }, run)
  const stop = async () => {
    state.isRunning = false
    await Promise.all(running)
    agent.destroy()
  }
  t.after(() => {
    state.isRunning = false
    agent.destroy() // what the router no longer answers is not waited for
  })
  return { counts, errors, stop, total: () => Object.values(counts).reduce((sum, count) => sum + count, 0) }
}

export function stateFile(dir: string): string {
  return readFileSync(join(dir, 'routes.json'), 'utf8')
}
