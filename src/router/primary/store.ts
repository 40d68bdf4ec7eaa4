/** The state in memory and on disk, one step at a time. */
import { randomBytes } from 'node:crypto'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTimer, type Timer } from '../clock.ts'
import { refused, type Outcome } from '../problem.ts'
import type { Log } from './log.ts'
import { copyState, saveState, type State } from './state-file.ts'

/** Behind the answer, and once for changes that follow each other quickly. */
const COPY_AFTER_MS = 100

export class Store {
  readonly #dir: string
  readonly #log: Log
  #state: State
  #copy: Timer | null = null

  constructor(dir: string, state: State, log: Log) {
    this.#dir = dir
    this.#state = state
    this.#log = log
    keepReserve(dir)
  }

  get state(): State {
    return this.#state
  }

  /** The next state counts once it is on disk; otherwise the old one stays. */
  save(next: State): Outcome<null> {
    try {
      saveWithReserve(this.#dir, next)
      this.#state = next
      this.#copy ??= startTimer(() => this.#copyNow(), COPY_AFTER_MS)
      return { ok: true, value: null }
    } catch (error) {
      const why = (error as Error).message
      return refused('not-saved', 500, `${why}. The old state is in force. Fix: free or mend ${this.#dir}.`)
    }
  }

  /** Brings the copy up to date. */
  close(): void {
    if (this.#copy) this.#copyNow()
  }

  #copyNow(): void {
    this.#copy?.stop()
    this.#copy = null
    try {
      copyState(this.#dir)
      keepReserve(this.#dir)
    } catch (error) {
      this.#log(`the copy of the state could not be written: ${(error as Error).message}`)
    }
  }
}

/** A little of the disk is kept for the change that takes users back when the disk is full. */
const RESERVE = 'reserve'
const RESERVE_BYTES = 512 * 1024

function saveWithReserve(dir: string, next: State): void {
  try {
    saveState(dir, next)
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    rmSync(join(dir, RESERVE), { force: true })
    saveState(dir, next)
  }
}

/** Best effort: without it, a full disk refuses changes, and what is in force stays. */
function keepReserve(dir: string): void {
  const path = join(dir, RESERVE)
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === RESERVE_BYTES) return
  try {
    // Random, so that no file system compresses it away.
    writeFileSync(path, randomBytes(RESERVE_BYTES), { mode: 0o600 })
  } catch {
    rmSync(path, { force: true })
  }
}
