/**
 * Workers of a primary that is gone. They go on accepting, so that nobody waits, until a successor's own worker serves and
 * relieves them. Who they are comes from the guard, and from a file in case the guard died too.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, processStart } from '../guard/lock.ts'
import type { ProcessMark } from '../guard/protocol.ts'

const NAME = 'workers.json'

export class Orphans {
  readonly #marks: readonly ProcessMark[]

  constructor(marks: readonly ProcessMark[]) {
    this.#marks = marks.filter(isAlive)
  }

  /** Those that live: each may still have requests in flight. */
  get count(): number {
    return this.#marks.filter(isAlive).length
  }

  /** Tells them to accept nothing more, to finish what is in flight and to exit. */
  relieve(): void {
    for (const mark of this.#marks) if (isAlive(mark)) process.kill(mark.pid, 'SIGUSR2')
  }
}

export function marksOf(pids: readonly number[]): readonly ProcessMark[] {
  return pids.flatMap((pid) => {
    const started = processStart(pid)
    return started === null ? [] : [{ pid, processStart: started }]
  })
}

/** Best effort: the guard knows them too. */
export function noteWorkers(dir: string, marks: readonly ProcessMark[]): void {
  try {
    writeFileSync(join(dir, NAME), JSON.stringify(marks), { mode: 0o600 })
  } catch {
    // A full disk is no reason to stop serving.
  }
}

export function notedWorkers(dir: string): readonly ProcessMark[] {
  try {
    const marks = JSON.parse(readFileSync(join(dir, NAME), 'utf8')) as unknown
    return Array.isArray(marks) ? marks.filter(isMark) : []
  } catch {
    return []
  }
}

function isMark(value: unknown): value is ProcessMark {
  const { pid, processStart: started } = (value ?? {}) as Partial<ProcessMark>
  return Number.isInteger(pid) && typeof started === 'string'
}
