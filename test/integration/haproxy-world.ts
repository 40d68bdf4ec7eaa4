/** A real HAProxy with two slots of servers, as docs/guides/haproxy.md sets it up. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/composition/clock.ts'
import { haproxy } from '../../src/adapters/router/haproxy/haproxy.ts'
import { ask } from '../../src/adapters/router/haproxy/socket.ts'
import type { Target } from '../../src/ports/result.ts'
import type { Router } from '../../src/ports/router.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { freeAddress } from './router-world.ts'

/** Why there is no HAProxy to test against, or false. */
export function missing(): string | false {
  try {
    execFileSync('haproxy', ['-v'], { stdio: 'ignore', env: PATH })
    return false
  } catch {
    return 'the program haproxy is missing: apt-get install haproxy'
  }
}

/** Debian keeps it in `/usr/sbin`. */
const PATH = { PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }

export type Haproxy = {
  readonly socket: string
  readonly stateFile: string
  /** `127.0.0.1:41234`: where users reach it, and where its log goes. */
  readonly address: string
  readonly logs: string
  /** A control plane's adapter; each has its own time. `end` is its end. */
  connect(
    options?: { target?: Partial<Target> } & Readonly<Record<string, unknown>>,
  ): Promise<{ readonly router: Router; readonly end: () => void }>
  tell(command: string): Promise<string>
  start(): Promise<void>
  kill(): Promise<void>
  reload(): Promise<void>
  end(): Promise<void>
}

export async function startHaproxy({ servers = 3, cookie = '', log = true } = {}): Promise<Haproxy> {
  const dir = await temporaryFolder('haproxy')
  const [address, logs] = [await freeAddress(), await freeAddress()]
  const socket = join(dir, 'admin.sock')
  const stateFile = join(dir, 'shop-api.state')
  const config = join(dir, 'haproxy.cfg')
  writeFileSync(config, configOf({ dir, socket, address, logs: log ? logs : null, servers, cookie }))
  let child: ChildProcess | null = null
  const tell = async (command: string) => {
    const said = await ask(socket, [command], AbortSignal.timeout(10_000))
    return said.ok ? said.value : Promise.reject(new Error(said.message))
  }
  const ended = async (signal: NodeJS.Signals) => {
    const dying = child
    child = null
    if (dying === null || dying.exitCode !== null || dying.signalCode !== null) return
    dying.kill(signal)
    await once(dying, 'exit')
  }
  const start = async () => {
    // In the foreground and without a master: one process, ended by its pid.
    child = spawn('haproxy', ['-db', '-f', config], { stdio: 'ignore', env: PATH })
    await until('HAProxy answers', () => tell('show info').then((text) => text.includes('Pid: ')))
  }
  await start()
  return {
    socket,
    stateFile,
    address,
    logs,
    tell,
    start,
    kill: () => ended('SIGKILL'),
    end: () => ended('SIGKILL'),
    // What a reload does to a route: the old process finishes, a new one reads the files.
    reload: async () => {
      await ended('SIGUSR1')
      await start()
    },
    connect: async ({ target, ...options }: { target?: Partial<Target> } & Readonly<Record<string, unknown>> = {}) => {
      const ending = new AbortController()
      const given = haproxy.options.parse({
        kind: 'haproxy',
        socket,
        backend: 'shop-api',
        stateFile,
        url: `http://${address}`,
        ...options,
      })
      const host = { dataFolder: join(dir, 'data'), environment: {} }
      const whose = { service: 'shop', environment: 'prod', component: 'api', ...target }
      const context = adapterContext({ host, clock: systemClock, signal: ending.signal, target: whose })
      return { router: await haproxy.create(given, context), end: () => ending.abort() }
    },
  }
}

type Config = {
  readonly dir: string
  readonly socket: string
  readonly address: string
  readonly logs: string | null
  readonly servers: number
  readonly cookie: string
}

const GUIDE = join(import.meta.dirname, '../../docs/guides/haproxy.md')

/** The guide's own file, with the paths and addresses of this test, and as many servers as it wants. */
function configOf({ dir, socket, address, logs, servers, cookie }: Config): string {
  const [, shown = ''] = /```haproxy\n([^]*?)```/.exec(readFileSync(GUIDE, 'utf8')) ?? []
  const lines = ['blue', 'green'].flatMap((slot) =>
    Array.from({ length: servers }, (_, index) => {
      const name = `${slot}${index + 1}`
      return `  server ${name} 127.0.0.1:1 disabled${cookie === '' ? '' : ` cookie ${name}`}`
    }),
  )
  const kept = shown
    .replace('/run/haproxy/admin.sock', socket)
    .replace('/var/lib/haproxy-stellwerk', dir)
    .replace('127.0.0.1:8080', address)
    .replace(/^ {2}log .*$/m, (line) => (logs === null ? '' : line.replace('127.0.0.1:9514', logs)))
    .replace(/^ {2}server .*\n/gm, '')
  const session = cookie === '' ? '' : `  cookie ${cookie} insert indirect nocache httponly\n`
  return `${kept}${session}${lines.join('\n')}\nbackend empty\n  server old 127.0.0.1:1\n`
}
