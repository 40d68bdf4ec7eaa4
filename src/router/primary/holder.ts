/**
 * One router per data folder. The holder is a file that is created whole by `link`, so that two starters cannot both
 * have it; a process is known by its id and its start time, since ids are used again.
 */
import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Holder = z.object({ pid: z.int(), processStart: z.string(), since: z.string() })
export type Holder = z.output<typeof Holder>

export type Held = { readonly ok: true; readonly release: () => void } | { readonly ok: false; readonly holder: Holder }

const NAME = 'router.lock'
const TRIES = 20

/** Takes the folder, also from a holder that is dead. */
export function hold(dir: string): Held {
  const path = join(dir, NAME)
  const own = join(dir, `${NAME}.${process.pid}`)
  const me: Holder = {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    since: new Date().toISOString(),
  }
  writeFileSync(own, JSON.stringify(me), { mode: 0o600 })
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (link(own, path)) return { ok: true, release: () => release(path) }
      const holder = read(path)
      if (holder && isAlive(holder)) return { ok: false, holder }
      takeAway(path, holder)
    }
    throw new Error(`${path} keeps changing hands: ${TRIES} tries to take it failed`)
  } finally {
    rmSync(own, { force: true })
  }
}

export function isAlive({ pid, processStart: started }: Pick<Holder, 'pid' | 'processStart'>): boolean {
  return started !== '' && processStart(pid) === started
}

/** Who holds the folder and lives; null when nobody does. */
export function livingHolder(dir: string): Holder | null {
  const holder = read(join(dir, NAME))
  return holder && isAlive(holder) ? holder : null
}

/** When the process began, in whatever form the system tells it; null when there is none. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie serves nobody.
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    if (process.platform === 'linux') return null
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null
  } catch {
    return null
  }
}

/** Moves a dead holder's file aside; if somebody living was quicker, his is put back. */
function takeAway(path: string, dead: Holder | null): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const moved = read(aside)
  if (moved && moved.since !== dead?.since && isAlive(moved)) link(aside, path)
  rmSync(aside, { force: true })
}

function release(path: string): void {
  if (read(path)?.pid === process.pid) rmSync(path, { force: true })
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
