/**
 * One router per data folder. The lock is a symbolic link whose target says who holds it: made whole in one call, so that
 * two starters cannot both have it, and without a block of its own, so that it can be taken on a full disk. A process is
 * known by its id and its start time, since ids are used again.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

export type Holder = { readonly pid: number; readonly processStart: string; readonly since: string }

export type Held = { readonly ok: true; readonly release: () => void } | { readonly ok: false; readonly holder: Holder }

export const PRIMARY_LOCK = 'router.lock'
export const GUARD_LOCK = 'guard.lock'
const TRIES = 20

/** Takes the folder, also from a holder that is dead. */
export function hold(dir: string, name: string): Held {
  const path = join(dir, name)
  const me = { pid: process.pid, processStart: processStart(process.pid) ?? '', since: new Date().toISOString() }
  for (let tries = 0; tries < TRIES; tries++) {
    if (make(path, me)) return { ok: true, release: () => release(path) }
    const holder = read(path)
    if (holder && isAlive(holder)) return { ok: false, holder }
    takeAway(path, holder)
  }
  throw new Error(`${path} keeps changing hands: ${TRIES} tries to take it failed`)
}

export function isAlive({ pid, processStart: started }: Pick<Holder, 'pid' | 'processStart'>): boolean {
  return started !== '' && processStart(pid) === started
}

/** Whose primary serves the folder and lives; null when nobody's does. */
export function livingHolder(dir: string, name = PRIMARY_LOCK): Holder | null {
  const holder = read(join(dir, name))
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
    const lstart = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return lstart.replaceAll(/\s+/g, '_') || null
  } catch {
    return null
  }
}

/** Moves a dead holder's lock aside; if somebody living was quicker, his is put back. */
function takeAway(path: string, dead: Holder | null): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const moved = read(aside)
  if (moved && moved.since !== dead?.since && isAlive(moved)) make(path, moved)
  rmSync(aside, { force: true })
}

function release(path: string): void {
  if (read(path)?.pid === process.pid) rmSync(path, { force: true })
}

function make(path: string, { pid, processStart: started, since }: Holder): boolean {
  try {
    symlinkSync(`${pid} ${started} ${since}`, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Null when there is none, or one of a Stellwerk that wrote it differently. */
function read(path: string): Holder | null {
  try {
    const [pid, started, since] = readlinkSync(path).split(' ')
    return pid && started && since ? { pid: Number(pid), processStart: started, since } : null
  } catch {
    return null
  }
}
