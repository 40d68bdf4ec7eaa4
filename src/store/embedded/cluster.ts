/** One PostgreSQL cluster on disk and its postmaster: create, look, start, stop. Decisions stand in `index.ts`. */
import { spawn } from 'node:child_process'
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Account } from './account.ts'
import { EmbeddedPostgresError, explain } from './error.ts'
import { delay } from '../../timers.ts'
import { commandLine, hasEnded, isAlive, placeOf, postgresIn } from './processes.ts'
import type { Programs } from './programs.ts'

export type Cluster = {
  /** `…/postgres`: holds data/, password, port, postgres.log. */
  readonly home: string
  readonly data: string
  readonly account: Account
  readonly programs: Programs
  readonly password: string
  /** `-c name=value` for the postmaster, over our own. */
  readonly settings: Readonly<Record<string, string>>
  readonly log: (line: string) => void
}

export const USER = 'stellwerk'

/** For a small machine which it shares with the services it releases. Durability stays as PostgreSQL ships it. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
}

const ENV = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Creates the cluster aside and moves it into place, so that a killed initdb leaves nothing that looks whole. */
export async function initialise(cluster: Cluster): Promise<void> {
  const { account, data, home, password, programs } = cluster
  const [partial, passwordFile] = [`${data}.partial`, join(home, 'initdb.password')]
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account !== null) for (const path of [partial, passwordFile]) await chown(path, account.uid, account.gid)
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', `--username=${USER}`]
  if (cluster.settings['fsync'] === 'off') options.push('--no-sync')
  const child = spawn(programs.initdb, [`--pgdata=${partial}`, `--pwfile=${passwordFile}`, ...options], {
    ...account,
    env: ENV,
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  await rm(passwordFile, { force: true })
  if (code !== 0) throw explain(`creating the embedded database in ${data}`, output, programs.pkg)
  await rename(partial, data)
}

export type Postmaster = { readonly pid: number; readonly port: number }

/**
 * The postmaster that runs on this data folder, whoever started it, or null. A pid file whose process is gone is left to
 * PostgreSQL, which sees for itself that nobody uses the folder; one whose number belongs to another program by now would
 * keep it from starting, and is removed once no process of PostgreSQL works there.
 */
export async function runningPostmaster(cluster: Cluster): Promise<Postmaster | null> {
  const { data, log } = cluster
  const file = join(data, 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const [pid, , , port] = text.split('\n').map(Number)
  const lives = pid !== undefined && pid > 0 && isAlive(pid)
  if (lives && (await isPostmaster(pid, data))) return { pid, port: port ?? 0 }
  log(`the database was not stopped properly last time (stale ${file}): PostgreSQL recovers from its log`)
  await endLeftovers(cluster)
  if (lives) {
    log(`process ${pid} of ${file} is another program by now: the file is removed`)
    await rm(file, { force: true })
  }
  return null
}

async function isPostmaster(pid: number, data: string): Promise<boolean> {
  const place = await placeOf(pid)
  if (place !== null) return place.name === 'postgres' && place.folder === data
  const command = await commandLine(pid)
  return command === null || (command.includes('postgres') && command.includes(data))
}

const LEFTOVER_STEPS = [
  [null, 5_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const

function send(pid: number, signal: NodeJS.Signals): void {
  if (isAlive(pid)) process.kill(pid, signal)
}

/** A killed postmaster's children end by themselves; while one lives, another postmaster must not start (and would not). */
async function endLeftovers({ data, log }: Cluster): Promise<void> {
  for (const [signal, timeoutMs] of LEFTOVER_STEPS) {
    const pids = await postgresIn(data)
    if (pids.length === 0) return
    if (signal !== null) log(`processes ${pids.join(', ')} of the dead database are still there: ${signal}`)
    if (signal !== null) for (const pid of pids) send(pid, signal)
    const deadline = performance.now() + timeoutMs
    while ((await postgresIn(data)).length > 0 && performance.now() < deadline) await delay(20)
  }
}

export async function spawnPostmaster(cluster: Cluster, port: number): Promise<Postmaster> {
  const { account, data, home, programs } = cluster
  const settings = Object.entries({ ...SETTINGS, ...cluster.settings }).flatMap(([name, to]) => ['-c', `${name}=${to}`])
  const logFile = join(home, 'postgres.log')
  await turnOver(logFile)
  const output = await open(logFile, 'a', 0o600)
  const before = (await output.stat()).size
  // Detached: a Ctrl-C for the control plane, or its death, is not one for the database.
  const child = spawn(programs.postgres, ['-D', data, '-p', String(port), ...settings], {
    ...account,
    env: ENV,
    cwd: home,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  })
  await new Promise<void>((resolve, reject) => child.on('error', reject).on('spawn', resolve))
  await output.close()
  child.unref()
  const postmaster = { pid: child.pid as number, port }
  try {
    await answers(cluster, postmaster)
  } catch (error) {
    if (isAlive(postmaster.pid)) throw error
    const said = (await readFile(logFile, 'utf8')).slice(before)
    throw explain(`starting the embedded database in ${data}`, said, programs.pkg)
  }
  return postmaster
}

const READY_TIMEOUT_MS = 300_000

/** Resolves when our own database answers with our password on that port; also waits for a crash recovery to end. */
export async function answers(cluster: Cluster, { pid, port }: Postmaster): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const seen = await look(cluster, port)
    if (seen === cluster.data) return
    if (!isAlive(pid))
      throw new EmbeddedPostgresError('failed', `PostgreSQL (process ${pid}) ended before it was ready`)
    if (performance.now() > deadline) {
      const message = `PostgreSQL (process ${pid}, ${cluster.data}) does not answer on 127.0.0.1:${port}: ${seen}`
      throw new EmbeddedPostgresError('timeout', message)
    }
    await delay(20)
  }
}

/** The data folder of the server that accepts our password there, or what it said instead. */
async function look(cluster: Cluster, port: number): Promise<string> {
  const client = clientFor(cluster, port, 'postgres')
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query('show data_directory')
    return rows[0].data_directory as string
  } catch (error) {
    return `error: ${(error as Error).message}`
  } finally {
    // Not awaited: for a client that never got through, `end` does not resolve.
    void client.end().catch(() => undefined)
  }
}

export function clientFor({ password }: Cluster, port: number, database: string): Client {
  return new Client({ host: '127.0.0.1', port, user: USER, password, database, connectionTimeoutMillis: 5000 })
}

/** Fast shutdown: ends sessions, writes everything down. Immediate shutdown when that takes more than 30 s. */
export async function stopPostmaster({ log }: Cluster, pid: number): Promise<void> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    if (await hasEnded(pid, timeoutMs)) return
    log(`PostgreSQL (process ${pid}) has not ended ${timeoutMs / 1000} s after ${signal}`)
  }
  throw new EmbeddedPostgresError('timeout', `PostgreSQL (process ${pid}) could not be stopped`)
}

/** `asked` if nobody listens there, else a free one. */
export async function freePort(asked: number): Promise<number> {
  for (const port of asked > 0 ? [asked, 0] : [0]) {
    const server = createServer()
    const listening = new Promise<boolean>((resolve) => {
      server.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!(await listening)) continue
    const address = server.address()
    await new Promise((resolve) => server.close(resolve))
    if (address !== null && typeof address === 'object') return address.port
  }
  throw new EmbeddedPostgresError('failed', 'there is no free port on 127.0.0.1')
}

/** Keeps one old log beside the current one. */
async function turnOver(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(() => null)
  if (found !== null && found.size > 5_000_000) await rename(logFile, `${logFile}.1`)
}
