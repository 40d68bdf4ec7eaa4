/**
 * Who keeps a slot. A claim is a file `keeper-<generation>.json`; the highest generation is the one in force, and its
 * supervisor is whoever its pid and start time name, while that process lives.
 *
 * The next generation is taken by link(2), which only one process can do, and only over a dead predecessor. Generations
 * never go down: lower files are removed after a higher one stands, and a latecomer that finds a higher one than its own
 * withdraws. So no dead claim has to be deleted before it can be replaced, which is where lock files race.
 */
import { linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Failure, failure } from '../../../ports/result.ts'
import { isSameProcess } from '../../command/process-group.ts'
import { readOrNull } from './record.ts'

export type SupervisorRecord = {
  /** Of what supervisor and control plane say to each other: a supervisor outlives upgrades. */
  readonly format: 1
  readonly pid: number
  readonly start: string
  readonly port: number
  /** Bearer token of the supervisor's admin port; the file is readable by its owner only. */
  readonly token: string
}

/** The supervisor in force, or null when none lives. */
export function livingSupervisor(folder: string): SupervisorRecord | null {
  const { record } = newest(folder)
  return record !== null && lives(record) ? record : null
}

/** True when `record` is now the supervisor; false when another one lives. */
export function claim(folder: string, record: SupervisorRecord): boolean {
  const temporary = join(folder, `.keeper.${record.pid}`)
  writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 })
  try {
    for (;;) {
      // The generation taken is the one after that which was seen dead: after any other, a living one might be passed over.
      const before = newest(folder)
      if (before.record !== null && lives(before.record)) return false
      const generation = before.generation + 1
      if (!linked(temporary, fileOf(folder, 'keeper', generation))) continue
      if (highest(folder, 'keeper') === generation) {
        forget(folder, 'keeper', generation)
        return true
      }
      rmSync(fileOf(folder, 'keeper', generation), { force: true })
    }
  } finally {
    rmSync(temporary, { force: true })
  }
}

/**
 * Remembers the highest fence this slot has seen, as a file name, so that it never goes down whoever writes. Answers the
 * highest one: an order with a smaller fence comes from somebody who lost the environment to another.
 */
export function raiseFence(folder: string, fence: number): number {
  const seen = highest(folder, 'fence')
  if (fence <= seen) return seen
  writeFileSync(fileOf(folder, 'fence', fence), '')
  forget(folder, 'fence', fence)
  return fence
}

export function staleFence(fence: number, seen: number): Failure {
  return failure('permanent', `stale order: its fence ${fence} is below ${seen}; another control plane took over`)
}

function highest(folder: string, kind: 'keeper' | 'fence'): number {
  return Math.max(0, ...generations(folder, kind))
}

function forget(folder: string, kind: 'keeper' | 'fence', below: number): void {
  for (const generation of generations(folder, kind)) {
    if (generation < below) rmSync(fileOf(folder, kind, generation), { force: true })
  }
}

function generations(folder: string, kind: 'keeper' | 'fence'): readonly number[] {
  const pattern = new RegExp(`^${kind}-(\\d+)\\.json$`)
  return namesIn(folder).flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? [])
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function fileOf(folder: string, kind: 'keeper' | 'fence', generation: number): string {
  return join(folder, `${kind}-${generation}.json`)
}

/** The highest generation and its record; generation 0 when there was never one. */
function newest(folder: string): { readonly generation: number; readonly record: SupervisorRecord | null } {
  for (;;) {
    const generation = highest(folder, 'keeper')
    if (generation === 0) return { generation, record: null }
    const text = readOrNull(fileOf(folder, 'keeper', generation))
    // A file that went between the two looks was replaced by a higher one: look again.
    if (text !== null) return { generation, record: JSON.parse(text) as SupervisorRecord }
  }
}

function lives({ pid, start }: SupervisorRecord): boolean {
  return isSameProcess(pid, start)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
