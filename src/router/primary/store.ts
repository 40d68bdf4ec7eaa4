/** The state in memory and on disk, one step at a time. */
import { refused, type Outcome } from '../problem.ts'
import type { Log } from './log.ts'
import { copyState, saveState, type State } from './state-file.ts'

/** Behind the answer, and once for changes that follow each other quickly. */
const COPY_AFTER_MS = 100

export class Store {
  readonly #dir: string
  readonly #log: Log
  #state: State
  #copy: NodeJS.Timeout | null = null

  constructor(dir: string, state: State, log: Log) {
    this.#dir = dir
    this.#state = state
    this.#log = log
  }

  get state(): State {
    return this.#state
  }

  /** The next state counts once it is on disk; otherwise the old one stays. */
  save(next: State): Outcome<null> {
    try {
      saveState(this.#dir, next)
      this.#state = next
      this.#copy ??= setTimeout(() => this.#copyNow(), COPY_AFTER_MS)
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
    clearTimeout(this.#copy ?? undefined)
    this.#copy = null
    try {
      copyState(this.#dir)
    } catch (error) {
      this.#log(`the copy of the state could not be written: ${(error as Error).message}`)
    }
  }
}
