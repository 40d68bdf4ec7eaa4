/**
 * Slots of the sessions seen on a header-sticky route: the last 100,000, by 53-bit hash. While a session is remembered it
 * keeps its slot whatever the weights do; one that was forgotten falls back to its hash (`pick.ts`).
 */
import type { SlotName } from '../pick.ts'

export const SESSIONS_MAX = 100_000

export class SessionMemory {
  readonly #slots = new Map<number, SlotName>()

  recall(session: number): SlotName | null {
    const slot = this.#slots.get(session)
    if (slot === undefined) return null
    this.#slots.delete(session)
    this.#slots.set(session, slot)
    return slot
  }

  remember(session: number, slot: SlotName): void {
    this.#slots.delete(session)
    this.#slots.set(session, slot)
    if (this.#slots.size > SESSIONS_MAX) this.#slots.delete(this.#slots.keys().next().value!)
  }

  /** A slot that went to weight 0 keeps nobody. */
  forget(slot: SlotName): void {
    for (const [session, kept] of this.#slots) if (kept === slot) this.#slots.delete(session)
  }

  /** `[hash, 0 for blue or 1 for green, …]`, the longest unseen first. */
  export(): number[] {
    return [...this.#slots].flatMap(([session, slot]) => [session, slot === 'blue' ? 0 : 1])
  }

  /** Takes over what another worker remembered; what this one has seen itself is newer and stays. */
  adopt(flat: readonly number[], keeps: (slot: SlotName) => boolean): void {
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const slot = flat[i + 1] === 0 ? 'blue' : 'green'
      if (keeps(slot) && !this.#slots.has(flat[i]!)) this.remember(flat[i]!, slot)
    }
  }
}
