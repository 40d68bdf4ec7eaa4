/**
 * Looks at processes by process group, from /proc where there is one, so that zombies and recycled ids are not taken for
 * living instances.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { delay } from '../../timers.ts'

type Stat = { readonly state: string; readonly group: number; readonly startTicks: string }

const HAS_PROC = statOf(process.pid) !== null
const PAGE_BYTES = 4096
const KILL_LIMIT_MS = 10_000

/** Tells one life of a pid from the next: `"<boot id>/<start in ticks>"`; null when nothing lives there (zombies do not). */
export function startOf(pid: number): string | null {
  if (!HAS_PROC) return startByPs(pid)
  const stat = statOf(pid)
  return stat === null || isDead(stat) ? null : `${bootId()}/${stat.startTicks}`
}

/** True while the process that `start` was taken from lives. */
export function isSameProcess(pid: number, start: string): boolean {
  return startOf(pid) === start
}

/** True while a signal or a debugger holds the process; false as well where there is no /proc to tell. */
export function isStopped(pid: number): boolean {
  return ['T', 't'].includes(statOf(pid)?.state ?? '')
}

/** Pids of the living members of a process group. */
export function groupMembers(group: number): readonly number[] {
  return membersOf([group])[0] as readonly number[]
}

/** Of each of these groups; every process of the machine is looked at once, however many groups are asked for. */
function membersOf(groups: readonly number[]): readonly (readonly number[])[] {
  const living = groups.filter((group) => signalGroup(group, 0))
  if (!HAS_PROC) return groups.map((group) => (living.includes(group) ? [group] : []))
  const members = new Map(living.map((group) => [group, [] as number[]]))
  const pids = living.length === 0 ? [] : readdirSync('/proc').map(Number)
  for (const pid of pids) {
    const stat = pid > 0 ? statOf(pid) : null
    if (stat !== null && !isDead(stat)) members.get(stat.group)?.push(pid)
  }
  return groups.map((group) => members.get(group) ?? [])
}

/** The leader of a group that was started with `setting` in its environment: `STELLWERK_INSTANCE=…`; null if none is found. */
export function findByEnvironment(setting: string): { readonly pid: number; readonly start: string } | null {
  const pids = HAS_PROC ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  for (const pid of pids.map(Number)) {
    if (statOf(pid)?.group !== pid || !readOrNull(`/proc/${pid}/environ`)?.split('\0').includes(setting)) continue
    const start = startOf(pid)
    if (start !== null) return { pid, start }
  }
  return null
}

/** Resident memory of the group that has most, bytes; null where the system cannot tell, or of none. */
export function largestGroupMemory(groups: readonly number[]): number | null {
  if (!HAS_PROC || groups.length === 0) return null
  return Math.max(...membersOf(groups).map(memoryOf))
}

function memoryOf(pids: readonly number[]): number {
  const pages = pids.map((pid) => Number(readOrNull(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0))
  return pages.reduce((sum, count) => sum + count, 0) * PAGE_BYTES
}

/** Sends `signal` to the whole group; false when there is none (any more). */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return true
    return false
  }
}

/**
 * Asks a group to end, waits up to `graceMs`, kills what is left. True when no member lives any more; false when even
 * SIGKILL has not ended it within ten seconds (a process stuck in the kernel).
 */
export async function endGroup(group: number, graceMs: number): Promise<boolean> {
  signalGroup(group, 'SIGTERM')
  const killAt = performance.now() + graceMs
  while (groupMembers(group).length > 0) {
    const late = performance.now() - killAt
    if (late >= KILL_LIMIT_MS) return false
    if (late >= 0) signalGroup(group, 'SIGKILL')
    await delay(20)
  }
  return true
}

function statOf(pid: number): Stat | null {
  const text = readOrNull(`/proc/${pid}/stat`)
  if (text === null) return null
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', group: Number(fields[2]), startTicks: fields[19] ?? '' }
}

function isDead(stat: Stat): boolean {
  return stat.state === 'Z' || stat.state === 'X'
}

function bootId(): string {
  return readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function startByPs(pid: number): string | null {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const line = stdout?.trim() ?? ''
  return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '')
}
