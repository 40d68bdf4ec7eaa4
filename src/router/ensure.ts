/** Starts the router of a folder in a session of its own, unless one lives: it must outlast whoever started it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { connect, type RouterClient } from './admin-client.ts'
import { delay } from './clock.ts'
import { GUARD_LOCK, livingHolder } from './guard/lock.ts'

export type EnsureOptions = {
  /** Program to run with Node; default: the `main` beside this file. */
  readonly entry?: string
  readonly adminPort?: number
  /** Default 10 000. */
  readonly timeoutMs?: number
}

/** The router needs none of its starter's secrets. */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS', 'NODE_COMPILE_CACHE']
const LOG_MAX_BYTES = 1_000_000
const HELD_BY_ANOTHER = 3

/** Resolves with a client of a router that answers; rejects with the end of its log when none comes up. */
export async function ensureRouter(dir: string, options: EnsureOptions = {}): Promise<RouterClient> {
  const folder = resolve(dir)
  const running = await answering(folder)
  if (running) return running
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const deadline = performance.now() + (options.timeoutMs ?? 10_000)
  let child = start(folder, options)
  while (performance.now() < deadline) {
    const client = await answering(folder)
    if (client) return client
    // Somebody else was quicker: theirs will answer, and only when it went away is ours tried again.
    if (child.exitCode === HELD_BY_ANOTHER && isFree(folder)) child = start(folder, options)
    else if (child.exitCode !== null && child.exitCode !== HELD_BY_ANOTHER) break
    await delay(20)
  }
  throw new Error(`The router of ${folder} did not come up${outcome(child)}. Its log ends:\n${logTail(folder)}`)
}

/** A guard that lives brings up a primary by itself. */
function isFree(folder: string): boolean {
  return livingHolder(folder) === null && livingHolder(folder, GUARD_LOCK) === null
}

async function answering(dir: string): Promise<RouterClient | null> {
  try {
    const client = await connect(dir)
    return (await client.health()).ok ? client : null
  } catch {
    return null
  }
}

function start(dir: string, { entry, adminPort }: EnsureOptions): ChildProcess {
  const program = entry ?? join(import.meta.dirname, `main${extname(import.meta.filename)}`)
  const log = openLog(dir)
  const port = adminPort === undefined ? [] : ['--admin-port', String(adminPort)]
  const child = spawn(process.execPath, [program, '--data', dir, ...port], {
    cwd: dir,
    detached: true,
    env: Object.fromEntries(ENVIRONMENT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    stdio: ['ignore', log, log],
  })
  child.on('error', () => {})
  child.unref()
  closeSync(log)
  return child
}

function openLog(dir: string): number {
  const path = join(dir, 'router.log')
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}

function logTail(dir: string): string {
  try {
    return readFileSync(join(dir, 'router.log'), 'utf8').trimEnd().split('\n').slice(-10).join('\n')
  } catch {
    return '(there is no log)'
  }
}

function outcome({ exitCode, signalCode }: ChildProcess): string {
  return exitCode !== null || signalCode !== null ? ` (exit code ${exitCode ?? signalCode})` : ' in time'
}
