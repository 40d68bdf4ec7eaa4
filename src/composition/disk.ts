/**
 * The disk under the data folder and the database. While it is nearly full, no release may begin, and a reserve is kept for
 * the way back: a file of real blocks, given up when the disk is so low that PostgreSQL would soon fail, and made again when
 * there is room.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { english, say, type Sentence } from '../core/say.ts'
import { type Instant, after } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import type { Clock } from '../ports/clock.ts'

export type DiskLevel = 'ok' | 'low' | 'full'

/** `said`: `detail` as data, for other languages. */
export type DiskState = { readonly level: DiskLevel; readonly detail: string; readonly said: Sentence }

/** `since`: when it came to its level. */
export type SeenDisk = DiskState & { readonly since: Instant }

export type Disk = {
  /** As last seen, at most a second ago. */
  state(): SeenDisk
  stop(): Promise<void>
}

export type DiskOptions = {
  /** Folders on which something is written; those on one disk share a reserve. */
  readonly folders: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly reserveBytes?: number
}

export const RESERVE_FILE = 'reserve.stellwerk'
/** Four segments of PostgreSQL's log: enough to recover, to roll back, and to say so. */
const RESERVE_BYTES = 64 * 2 ** 20
const LOOK_EVERY_MS = 1_000
const CHUNK_BYTES = 2 ** 20

export async function watchDisk(options: DiskOptions): Promise<Disk> {
  const { clock, log, reserveBytes = RESERVE_BYTES } = options
  const folders = await onePerDisk(options.folders)
  const stopping = new AbortController()
  let state: SeenDisk = { ...disk('ok', say`not observed yet`), since: clock.now() }
  const look = async () => {
    const seen = await Promise.all(folders.map((folder) => lookAt(folder, reserveBytes)))
    const next = worst(seen)
    if (next.level !== state.level) tell(log, next)
    state = { ...next, since: next.level === state.level ? state.since : clock.now() }
  }
  const tried = () =>
    look().catch((error: unknown) => log.warn('the disk could not be looked at', { error: String(error) }))
  await tried()
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await tried()
      await clock.sleepUntil(after(clock.now(), LOOK_EVERY_MS), stopping.signal).catch(() => undefined)
    }
  })()
  return {
    state: () => state,
    async stop() {
      stopping.abort()
      await looking
    },
  }
}

function tell(log: Log, { level, detail }: DiskState): void {
  if (level === 'ok') log.warn('the disk has room again', { detail })
  else log.error('the disk is nearly full', { detail })
}

async function onePerDisk(folders: readonly string[]): Promise<readonly string[]> {
  const disks = new Map<number, string>()
  for (const folder of folders) {
    const { dev } = await stat(folder)
    if (!disks.has(dev)) disks.set(dev, folder)
  }
  return [...disks.values()]
}

/**
 * With `r` for the reserve: a disk is `full` below r/2 beside it, and then the reserve is given up; `low` below 2 r beside
 * it. Given up, it is made again only when 3 r are free, so that it does not come and go.
 */
async function lookAt(folder: string, reserveBytes: number): Promise<DiskState> {
  const path = join(folder, RESERVE_FILE)
  const free = await freeBytes(folder)
  const kept = (await stat(path).catch(() => null))?.size ?? 0
  if (kept >= reserveBytes) {
    if (free >= 2 * reserveBytes) return disk('ok', text(folder, free))
    if (free >= reserveBytes / 2) return disk('low', say`${text(folder, free)}: no release may begin; free some space`)
    await rm(path, { force: true })
    return full(folder, free)
  }
  if (free < 3 * reserveBytes) return full(folder, free)
  await allocate(path, reserveBytes)
  return disk('ok', text(folder, await freeBytes(folder)))
}

const run = promisify(execFile)

/** Blocks that are really taken: by `fallocate`, or by writing what no file system compresses away. */
async function allocate(path: string, bytes: number): Promise<void> {
  try {
    await run('fallocate', ['-l', String(bytes), path])
  } catch {
    const file = await open(path, 'w', 0o600)
    try {
      for (let at = 0; at < bytes; at += CHUNK_BYTES) await file.write(randomBytes(Math.min(CHUNK_BYTES, bytes - at)))
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
  }
}

/** For whoever is not root, as PostgreSQL is not. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function worst(states: readonly DiskState[]): DiskState {
  const of = (level: DiskLevel) => states.find((state) => state.level === level)
  return of('full') ?? of('low') ?? of('ok') ?? disk('ok', say`no folder`)
}

function disk(level: DiskLevel, said: Sentence): DiskState {
  return { level, detail: english(said), said }
}

function text(folder: string, free: number): Sentence {
  return say`${(free / 2 ** 20).toFixed(0)} MiB free at ${folder}`
}

function full(folder: string, free: number): DiskState {
  return disk(
    'full',
    say`${text(folder, free)}: the reserve is released so that releases can be taken back; none may begin; free some space`,
  )
}
