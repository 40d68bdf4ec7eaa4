/**
 * What a slot's folder holds on disk: who occupies it and which processes that is, so that whoever comes back can adopt
 * them. No environment and no secret is ever written here (law L11).
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObservedSlot } from '../../../core/observed.ts'
import type { Account } from '../../command/account.ts'
import type { OutputIds } from './capture.ts'

export type InstanceRecord = {
  readonly index: number
  readonly port: number
  /** It was ready on this port once, so somebody may know the address: it never changes again. */
  readonly settled: boolean
  /** Value of STELLWERK_INSTANCE in its environment: finds a process whose pid could not be written down any more. */
  readonly marker: string
  /** Where what it prints is found again, by whoever keeps it next; absent before its first start. */
  readonly outputs?: OutputIds | null
  /** Null from just before the start until just after it. */
  readonly process: { readonly pid: number; readonly start: string } | null
}

export type SlotRecord = {
  readonly format: 1
  readonly release: string
  readonly digest: string
  readonly version: string
  readonly desired: number
  readonly health: { readonly live: string; readonly ready: string }
  readonly workFolder: string
  readonly stopGraceMs: number
  readonly hungAfterMs: number
  readonly nextIndex: number
  /** Names of the variables whose values are secret; the values are where the instances have them. */
  readonly secretNames?: readonly string[]
  /** As whom the instances run; absent or null: as we do. */
  readonly account?: Account
  readonly instances: readonly InstanceRecord[]
  readonly seen: Seen
}

/** What was counted since the slot was started; it outlives a supervisor. */
export type Seen = Pick<ObservedSlot, 'restarts' | 'crashLooping' | 'lastExit' | 'readiness'> & {
  readonly logLines: number
}

export const NOTHING_SEEN: Seen = {
  restarts: 0,
  crashLooping: false,
  lastExit: null,
  readiness: { probes: 0, failures: 0 },
  logLines: 0,
}

/** Null when the slot is empty. Throws when the file is there and cannot be read: an unknown occupant is not nobody. */
export function readSlotRecord(folder: string): SlotRecord | null {
  const text = readOrNull(join(folder, 'slot.json'))
  return text === null ? null : (JSON.parse(text) as SlotRecord)
}

export function writeSlotRecord(folder: string, record: SlotRecord): void {
  const temporary = join(folder, `.slot.json.${process.pid}`)
  writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 })
  renameSync(temporary, join(folder, 'slot.json'))
}

export function removeSlotRecord(folder: string): void {
  rmSync(join(folder, 'slot.json'), { force: true })
}

/** The content of a file, or null when there is none; every other error is thrown. */
export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
