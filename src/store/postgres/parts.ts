/**
 * Parts of one transaction that stand or fall alone. What a part changes is kept back with everything else and marked as its
 * own, so that it can be taken back when its work throws, and left out when the database refuses it at the end. Parts that
 * built on each other's changes (two releases of one environment) stand or fall together.
 *
 * A savepoint is set only before a part's first statement: most parts read nothing but the row that they were given.
 */
import type { RunSql } from '../../ports/sql.ts'
import { StoreUnavailableError } from '../../ports/store.ts'

export type Part = {
  readonly refused: ((error: unknown) => void) | null
  /** Stands or falls with this one. */
  joined: Part | null
}

type Open = { readonly part: Part; readonly undo: (() => void)[]; savepoint: string | null }

export class Parts {
  /** What belongs to no part, without which the transaction is nothing. */
  readonly base: Part = { refused: null, joined: null }
  readonly #run: RunSql
  readonly #open: Open[] = []
  /** Not needed any more: released on the way to the next one. */
  #ended: string | null = null

  constructor(run: RunSql) {
    this.#run = run
  }

  /** To which whatever is changed now belongs. */
  current(): Part {
    return this.#open[0]?.part ?? this.base
  }

  /** To be called when what is changed now throws. */
  onUndo(undo: () => void): void {
    this.#open.at(-1)?.undo.push(undo)
  }

  /** What is done now goes by a change of `earlier`. */
  buildOn(earlier: Part): void {
    const [first, second] = [rootOf(earlier), rootOf(this.current())]
    if (first === second) return
    if (first === this.base) second.joined = first
    else first.joined = second
  }

  async beforeStatement(): Promise<void> {
    for (const [depth, open] of this.#open.entries()) {
      if (open.savepoint !== null) continue
      open.savepoint = `part_${depth}`
      const released = this.#ended === null ? '' : `release savepoint ${this.#ended}; `
      this.#ended = null
      await this.#run(`${released}savepoint ${open.savepoint}`)
    }
  }

  async run<T>(work: () => Promise<T>, refused: ((error: unknown) => void) | undefined): Promise<T> {
    const outer = this.#open[0]?.part
    // Nobody would hear that it was refused: it falls with everything.
    const fresh: Part = { refused: refused ?? null, joined: refused ? null : this.base }
    const open: Open = { part: outer ?? fresh, undo: [], savepoint: null }
    this.#open.push(open)
    try {
      const result = await work()
      this.#close(open)
      // An outer one takes this one along.
      this.#ended = open.savepoint ?? this.#ended
      this.#open.at(-1)?.undo.push(...open.undo)
      return result
    } catch (error) {
      if (this.#open.includes(open)) this.#close(open)
      for (const undo of open.undo.toReversed()) undo()
      // With the connection the whole transaction is gone.
      if (open.savepoint !== null && !(error instanceof StoreUnavailableError)) {
        this.#ended = null
        await this.#run(`rollback to savepoint ${open.savepoint}; release savepoint ${open.savepoint}`)
      }
      throw error
    }
  }

  #close(open: Open): void {
    if (this.#open.pop() !== open) throw new Error('parts of a transaction ran at the same time: await each')
  }
}

export function rootOf(part: Part): Part {
  let root = part
  while (root.joined) root = root.joined
  return root
}
