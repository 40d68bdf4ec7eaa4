/**
 * Where an instance's output goes before anybody has read it: a file in memory that has no name. An instance can always
 * write into it, whoever of us lives, so that it never stands still for a reader that is dead or frozen (law L9); and what
 * has not been redacted yet is never on a disk. Whoever keeps the instance reads it and empties it again; the next supervisor
 * finds it through the instance that holds it open.
 *
 * Rejected: a pipe (full after 64 KiB, then the service hangs), a helper process per instance (a further thing that dies,
 * and tens of megabytes each), a log file that the instance writes itself (secrets in clear, no limit).
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  fchownSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Account } from '../../command/account.ts'

/** Tells one file from every other on this machine: device and inode. */
export type OutputId = string

const CHUNK_BYTES = 65_536
/** What is read at once, so that one instance that prints without end does not keep the others from being looked at. */
const TURN_BYTES = 1_048_576
/** More than this that nobody has read is given up: memory is worth more than the log of a flood. */
const BACKLOG_MAX_BYTES = 16_777_216
/** Emptied when this much was read and nothing comes just then; at the latest when it is `EMPTY_AT_LATEST_BYTES`. */
const EMPTY_BYTES = 65_536
const EMPTY_AT_LATEST_BYTES = 8_388_608
/** At this size the guard empties a file that nobody reads. */
const GUARD_BYTES = 33_554_432
const GUARD_EVERY_S = 5

const MEMORY = '/dev/shm'

/** A new file for one stream. Where the system has no /dev/shm to write to it lies in `folder`, as nameless as there. */
export function createOutput(folder: string, account: Account): number {
  const path = join(isWritable(MEMORY) ? MEMORY : folder, `.stellwerk-${randomUUID()}`)
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL } = constants
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600)
  unlinkSync(path)
  if (account !== null) fchownSync(fd, account.uid, account.gid)
  return fd
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

export function outputId(fd: number): OutputId {
  const { dev, ino } = fstatSync(fd)
  return `${dev}:${ino}`
}

/** Opens a file again that one of the processes holds open; null when none of them does any more. */
export function findOutput(id: OutputId, pids: readonly number[]): number | null {
  for (const path of pids.flatMap(openFilesOf)) {
    if (idOf(path) !== id) continue
    const fd = openOrNull(path)
    if (fd !== null) return fd
  }
  return null
}

/** Reads one stream from `position` on. `lost`: bytes that were given up. */
export class OutputReader {
  readonly fd: number
  position: number
  #quietAt = -1

  constructor(fd: number, position: number) {
    this.fd = fd
    this.position = position
  }

  /** What was written since the last look, at most `TURN_BYTES`; `more` when there is more to be had at once. */
  read(): { readonly chunks: readonly Buffer[]; readonly lost: number; readonly more: boolean } {
    const { size } = fstatSync(this.fd)
    // Shorter than what was read: emptied by the guard, or by the instance (`> /dev/stdout`).
    if (size < this.position) this.position = 0
    if (size - this.position > BACKLOG_MAX_BYTES) return { chunks: [], lost: this.#giveUp(size), more: false }
    const end = Math.min(size, this.position + TURN_BYTES)
    const chunks: Buffer[] = []
    while (this.position < end) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - this.position))
      const bytes = readSync(this.fd, chunk, 0, chunk.length, this.position)
      if (bytes === 0) break
      this.position += bytes
      chunks.push(chunk.subarray(0, bytes))
    }
    this.#empty()
    return { chunks, lost: 0, more: this.position < size }
  }

  /** What is written between this look and the emptying would be lost, so it waits for a moment in which nothing comes. */
  #empty(): void {
    const isQuiet = this.#quietAt === this.position
    this.#quietAt = this.position
    const { size } = fstatSync(this.fd)
    if (size !== this.position || size < EMPTY_BYTES || !(isQuiet || size > EMPTY_AT_LATEST_BYTES)) return
    ftruncateSync(this.fd)
    this.position = 0
    this.#quietAt = 0
  }

  #giveUp(size: number): number {
    const lost = size - this.position
    ftruncateSync(this.fd)
    this.position = 0
    return lost
  }
}

const GUARD = `
while kill -0 "$1" 2>/dev/null; do
  sleep ${GUARD_EVERY_S}
  for stream in 1 2; do
    size=$(stat -Lc %s "/proc/$$/fd/$stream" 2>/dev/null || echo 0)
    if [ "$size" -gt ${GUARD_BYTES} ]; then : >"/proc/$$/fd/$stream"; fi 2>/dev/null
  done
done`

/**
 * Starts the guard of an instance's streams: a shell that empties them when they grow beyond all measure because nobody
 * reads them. It ends with the instance. Where it cannot be started (no shell, no `stat`) the streams have no limit then.
 */
export function guardOutput(instance: number, out: number, err: number): void {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'stellwerk-log-guard', String(instance)], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['ignore', out, err],
  })
  guard.on('error', () => {})
  guard.unref()
}

function openFilesOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`)
  } catch {
    return []
  }
}

function idOf(path: string): OutputId | null {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, constants.O_RDWR | constants.O_APPEND)
  } catch {
    return null
  }
}
