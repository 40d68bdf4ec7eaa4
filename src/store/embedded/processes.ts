/** Processes by id, safe against ids that were given to somebody else meanwhile; and a lock between processes. */
import { link, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { delay } from '../../timers.ts'
import { basename, dirname, join } from 'node:path'
import { EmbeddedPostgresError } from './error.ts'

/** `"4711 88213"`: id and start time of a process; the second part is `-` where the system does not tell it. */
export type ProcessMark = string

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export async function markOf(pid: number): Promise<ProcessMark> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name, in parentheses, may hold anything; the start time is the 20th field after it (proc(5): field 22).
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return `${pid} ${started ?? '-'}`
}

/** Does the very process that was marked still run? */
export async function isStillThere(mark: ProcessMark): Promise<boolean> {
  const pid = Number(mark.split(' ')[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false
  const [now, then] = [(await markOf(pid)).split(' ')[1], mark.split(' ')[1]]
  return now === then || now === '-' || then === '-'
}

/** What a process is called and works in, or null where the system does not tell it (or it is gone). */
export async function placeOf(pid: number): Promise<{ readonly name: string; readonly folder: string } | null> {
  try {
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
    return { name, folder: await readlink(`/proc/${pid}/cwd`) }
  } catch {
    return null
  }
}

/** Processes of PostgreSQL that work in the data folder: a postmaster, or what a killed one has left. Empty without /proc. */
export async function postgresIn(data: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const places = await Promise.all(pids.map(async (pid) => ({ pid, place: await placeOf(pid) })))
  return places.flatMap(({ pid, place }) => (place?.name === 'postgres' && place.folder === data ? [pid] : []))
}

/** The command line of a process, or null where the system does not tell it (or it is gone). */
export async function commandLine(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return text === null ? null : text.split('\0').join(' ').trim()
}

/** Polls until the process has ended; false after `timeoutMs`. */
export async function hasEnded(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false
    await delay(10)
  }
  return true
}

const LOCK_TIMEOUT_MS = 180_000
let attempts = 0

/** Runs `work` while no other process runs its own under the same file. The lock of a process that died is void. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const own = `${file}.${process.pid}-${++attempts}`
  const mark = await markOf(process.pid)
  await writeFile(own, mark)
  try {
    await take(file, own)
    try {
      await clear(file)
      return await work()
    } finally {
      await rm(file, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
}

async function take(file: string, own: string): Promise<void> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS
  // A link either appears with its whole content or not at all.
  while (!(await tryLink(own, file))) {
    const holder = await readFile(file, 'utf8').catch(() => null)
    if (holder !== null && !(await isStillThere(holder))) await removeStale(file, own, holder)
    else await delay(20)
    if (performance.now() > deadline) {
      const message = `waited ${LOCK_TIMEOUT_MS / 1000} s for process ${holder} to let go of ${file}; is it stopped?`
      throw new EmbeddedPostgresError('timeout', message)
    }
  }
}

/** Removes the marks of processes that were killed while they waited for the lock or held it. */
async function clear(file: string): Promise<void> {
  const marks = (await readdir(dirname(file))).filter((name) => name.startsWith(`${basename(file)}.`))
  for (const name of marks) {
    const path = join(dirname(file), name)
    const mark = await readFile(path, 'utf8').catch(() => '')
    // An empty one is being written now.
    if (mark !== '' && !(await isStillThere(mark))) await rm(path, { force: true })
  }
}

async function removeStale(file: string, own: string, holder: ProcessMark): Promise<void> {
  const aside = `${own}.stale`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  // Somebody else was faster and we moved away a fresh lock: give it back.
  if ((await readFile(aside, 'utf8').catch(() => null)) !== holder) await tryLink(aside, file)
  await rm(aside, { force: true })
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
