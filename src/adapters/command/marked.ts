/**
 * Finds what a program has started, wherever it went: whoever leaves its process group or session, or becomes a daemon,
 * takes its environment along, and in it the mark that the program was started with. Only where there is /proc.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { startOf } from './process-group.ts'
import { delay } from '../../timers.ts'

export type Marked = { readonly pid: number; readonly start: string; readonly name: string; readonly mark: string }

const KILL_LIMIT_MS = 5000
const LOOK_AGAIN_MS = 20

/** Living processes whose variable `name` begins with `prefix`; the asking process itself is not one of them. */
export function markedProcesses(name: string, prefix: string): readonly Marked[] {
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return []
    const mark = variableOf(pid, name)
    if (mark === null || !mark.startsWith(prefix)) return []
    const start = startOf(pid)
    return start === null ? [] : [{ pid, start, name: nameOf(pid), mark }]
  })
}

/** The value of a variable in the environment that a process was started with; null where it cannot be read. */
export function variableOf(pid: number, name: string): string | null {
  const environment = readOrEmpty(`/proc/${pid}/environ`).split('\0')
  return environment.find((setting) => setting.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
}

/**
 * Asks every process with such a mark to end, kills what is left after `graceMs`, what they start meanwhile included.
 * Answers what not even that has ended.
 */
export async function endMarked(name: string, prefix: string, graceMs: number): Promise<readonly Marked[]> {
  const asked = new Set<string>()
  const killAt = performance.now() + graceMs
  for (;;) {
    const left = markedProcesses(name, prefix)
    if (left.length === 0) return []
    const late = performance.now() - killAt
    if (late >= KILL_LIMIT_MS) return left
    for (const { pid, start } of left) {
      if (late < 0 && asked.has(`${pid} ${start}`)) continue
      asked.add(`${pid} ${start}`)
      signal(pid, late < 0 ? 'SIGTERM' : 'SIGKILL')
    }
    await delay(LOOK_AGAIN_MS)
  }
}

/** `nginx (pid 4711)`. */
export function describeProcess({ pid, name }: Pick<Marked, 'pid' | 'name'>): string {
  return `${name} (pid ${pid})`
}

/** Processes that work below a folder, marked or not. */
export function processesBelow(folder: string, linkOf: (pid: number) => string | null): readonly number[] {
  return allPids().filter((pid) => linkOf(pid)?.startsWith(`${folder}/`))
}

export function nameOf(pid: number): string {
  return readOrEmpty(`/proc/${pid}/comm`).trim() || 'process'
}

export function allPids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

function signal(pid: number, what: NodeJS.Signals): void {
  try {
    process.kill(pid, what)
  } catch {
    // It has gone by itself, or is not ours to end: the next look says which.
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
