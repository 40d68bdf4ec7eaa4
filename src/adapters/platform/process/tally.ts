import { instant } from '../../../core/time.ts'
import type { Exit } from './life.ts'
import { NOTHING_SEEN, type Seen } from './record.ts'
import { LineRing, type RawLine } from './ring.ts'

/** Counts what happens in a slot, from what an earlier supervisor has counted on. */
export class Tally {
  readonly ring: LineRing
  #seen: Omit<Seen, 'logLines'>

  constructor(before: Seen = NOTHING_SEEN, lines: readonly RawLine[] = []) {
    const { logLines, ...seen } = before
    this.ring = new LineRing(logLines, lines)
    this.#seen = seen
  }

  get seen(): Seen {
    return { ...this.#seen, logLines: this.ring.count }
  }

  exited({ code, signal }: Exit, tail: readonly string[], crashLoop: boolean): void {
    const { restarts, crashLooping, readiness } = this.#seen
    const lastExit = { at: instant(Date.now()), code, signal, tail }
    this.#seen = { restarts: restarts + 1, crashLooping: crashLooping || crashLoop, lastExit, readiness }
  }

  probed(failed: boolean): void {
    const { probes, failures } = this.#seen.readiness
    this.#seen = { ...this.#seen, readiness: { probes: probes + 1, failures: failures + (failed ? 1 : 0) } }
  }
}
