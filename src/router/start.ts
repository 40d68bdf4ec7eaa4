/**
 * The primary of a router: `stellwerk-router --data DIR [--admin-port N]`, started by its guard.
 *
 * Exit codes: 0 stopped on request · 1 could not start · 2 usage · 3 another router holds the folder · 4 saved state
 * unreadable.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { adminServer } from './primary/admin.ts'
import { announce, writeAtomically } from './primary/announce.ts'
import { GuardLink } from './primary/guard-link.ts'
import { hold, PRIMARY_LOCK } from './guard/lock.ts'
import { stderrLog, type Log } from './primary/log.ts'
import { Router } from './primary/router.ts'
import { loadState } from './primary/state-file.ts'
import { surviveUncaught } from './primary/uncaught.ts'

const STOP_BOUND_MS = 10_000

const USAGE = `Usage: stellwerk-router --data DIR [--admin-port N]
  --data DIR        folder for routes.json (state) and router.json (how to reach the router)
  --admin-port N    port of the admin API on 127.0.0.1; default: any free one
`

export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stderr.write(`stellwerk-router: ${options}\n${USAGE}`)
    return 2
  }
  const log = stderrLog()
  surviveUncaught(log)
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  const held = hold(options.dir, PRIMARY_LOCK)
  if (!held.ok) {
    const { pid, since } = held.holder
    log(`${options.dir} is held by the router with process id ${pid}, running since ${since}. Stop that one first.`)
    return 3
  }
  try {
    return await run({ ...options, args }, log)
  } catch (error) {
    log(`could not start: ${(error as Error).message}`)
    return 1
  } finally {
    held.release()
  }
}

type Run = { readonly dir: string; readonly adminPort: number; readonly args: readonly string[] }

async function run({ dir, adminPort, args }: Run, log: Log): Promise<number> {
  const loaded = loadState(dir)
  if (!loaded.ok) {
    log(loaded.message)
    return 4
  }
  for (const note of loaded.notes) log(note)
  const workerEntry = join(import.meta.dirname, 'worker', `main${extname(import.meta.filename)}`)
  const stop = stopRequest()
  const guard = new GuardLink(args, log, stop.resolve)
  const inherited = await guard.inherit()
  const router = new Router({ dir, state: loaded.state, workerEntry, log, guard, inherited })
  await router.start()
  const token = tokenOf(dir)
  const admin = adminServer({ router, token, log }).listen(adminPort, '127.0.0.1')
  await once(admin, 'listening')
  const { port } = admin.address() as AddressInfo
  const announced = announce(dir, { url: `http://127.0.0.1:${port}`, token }, log)
  guard.ready()
  log(`serving ${loaded.state.routes.length} routes; admin on 127.0.0.1:${port}`)
  await stop.promise
  log('stopping: finishing what is in flight')
  guard.ending()
  announced.withdraw()
  admin.close()
  await router.stop(STOP_BOUND_MS)
  admin.closeAllConnections()
  return 0
}

/** A signal may come to the whole group and from the guard as well: each but the first says nothing new. */
function stopRequest() {
  const stop = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.resolve())
  process.on('SIGHUP', () => {})
  return stop
}

function readOptions(args: readonly string[]): { readonly dir: string; readonly adminPort: number } | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { data: { type: 'string' }, 'admin-port': { type: 'string' } },
    })
    const adminPort = Number(values['admin-port'] ?? 0)
    if (!values.data) return '--data DIR is missing'
    if (!Number.isInteger(adminPort) || adminPort < 0 || adminPort > 65_535) return '--admin-port must be a port number'
    return { dir: resolve(values.data), adminPort }
  } catch (error) {
    return (error as Error).message
  }
}

/** Kept over restarts in `DIR/token`, so that a Prometheus with `credentials_file` need not follow. */
function tokenOf(dir: string): string {
  const path = join(dir, 'token')
  try {
    const token = readFileSync(path, 'utf8').trim()
    if (token.length >= 32) return token
  } catch {
    // The first start in this folder.
  }
  const token = randomBytes(32).toString('base64url')
  writeAtomically(path, `${token}\n`)
  return token
}
