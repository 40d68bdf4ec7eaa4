/** What runs in a folder, whoever started it and whatever process group it is in: a daemon cannot hide from this. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const ROUNDS = 50
const PAUSE_MS = 20

/** Processes that work below `folder` or name a path there; none where there is no /proc. Zombies do neither. */
export function processesBelow(folder: string): readonly number[] {
  return allPids().filter(
    (pid) => pid !== process.pid && (cwdOf(pid).startsWith(folder) || commandOf(pid).includes(folder)),
  )
}

/** Kills them, and those they start meanwhile. Blocks, since it is for the moment in which we end: a second at most. */
export function endBelow(folder: string): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = processesBelow(folder)
    if (pids.length === 0) return
    for (const pid of pids) kill(pid)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  }
}

function allPids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return [] // not Linux
  }
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return '' // ended meanwhile
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ESRCH: it was quicker.
  }
}
