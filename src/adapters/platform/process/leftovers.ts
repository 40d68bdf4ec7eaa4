/**
 * What instances leave behind: children in groups and sessions of their own, daemons. They carry the mark of the instance
 * that started them, `STELLWERK_INSTANCE=<data folder>.<slot>.<life>`, and are ended with it; what has thrown its
 * environment away but works in the slot's folder is named, and left for people to judge.
 */
import { createHash } from 'node:crypto'
import { readlinkSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import {
  describeProcess,
  endMarked,
  type Marked,
  markedProcesses,
  nameOf,
  processesBelow,
  variableOf,
} from '../../command/marked.ts'

export const MARK = 'STELLWERK_INSTANCE'
const END_GRACE_MS = 2000

/** The beginning of the mark of everything that a data folder's slots have started. */
export function markOfData(dataFolder: string): string {
  return `${shortHash(real(dataFolder))}.`
}

/** The beginning of the mark of everything that one slot has started. `folder`: `DATA/slots/SERVICE/ENVIRONMENT/COMPONENT/SLOT`. */
export function markOfSlot(folder: string): string {
  const dataFolder = resolve(folder, '../../../../..')
  return `${markOfData(dataFolder)}${shortHash(relative(dataFolder, folder))}.`
}

/** Ends what carries such a mark; a sentence about what cannot be ended, or null. */
export async function endLeftovers(prefix: string, graceMs: number = END_GRACE_MS): Promise<string | null> {
  const left = await endMarked(MARK, prefix, graceMs)
  return left.length === 0 ? null : `not even killed: ${left.map(describeProcess).join(', ')}`
}

/** Those of a slot that belong to none of the lives that go on. */
export function leftoversOf(slotMark: string, living: ReadonlySet<string>): readonly Marked[] {
  return markedProcesses(MARK, slotMark).filter(({ mark }) => !living.has(mark))
}

/** Processes without a mark that work in the slot's folder, as a sentence; null when there is none. */
export function straysIn(folder: string): string | null {
  const mark = markOfSlot(folder)
  const isMarked = (pid: number) => variableOf(pid, MARK)?.startsWith(mark) === true
  const pids = processesBelow(join(real(folder), 'work'), cwdOf).filter((pid) => !isMarked(pid))
  if (pids.length === 0) return null
  const names = pids.map((pid) => describeProcess({ pid, name: nameOf(pid) })).join(', ')
  return `left alone, for it carries no mark of an instance, but it works in the slot's folder: ${names}`
}

function cwdOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
