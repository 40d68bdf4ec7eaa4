/**
 * Counts of each segment of a route in this worker: those declared, and what is asked for most of the rest. On the hot path:
 * a known path costs one look into a map and a few additions; memory is bounded whatever clients ask for.
 *
 * Learned ones compete by how much is asked of them, lately more than long ago, never by how it ended. One that loses its
 * place is forgotten with its counts, so what takes it again begins at 0: readers see counters that fell.
 */
import { BASE, bucketOf, BUCKET_MAX, type Histogram, UNIT_MS } from '../histogram.ts'
import { SLOTS, type SlotName } from '../pick.ts'
import type { SegmentCounts } from '../protocol.ts'
import { type Fits, fits, learnedName, LEARN_ALL, partsOf, type SegmentsWanted } from '../segments.ts'

/** Eight buckets of 2 % are one here, 17 % wide: twenty segments are reported four times a second. */
const COARSE = 8
const COARSE_MAX = Math.ceil(BUCKET_MAX / COARSE)
const PATHS_MAX = 2000
const ENTRIES_MAX = 200
/** After so many requests what was asked before counts half: new routes get a chance. */
const FADE_EVERY = 4096

type Side = { requests: number; errors: number; readonly latency: Float64Array }

class Entry {
  readonly name: string
  readonly isDeclared: boolean
  /** Requests lately. */
  weight = 0
  sides: Record<SlotName, Side> | null = null

  constructor(name: string, isDeclared: boolean) {
    this.name = name
    this.isDeclared = isDeclared
    if (isDeclared) this.sides = newSides()
  }
}

export class Segments {
  #wanted: SegmentsWanted | null = null
  #declared: readonly { readonly entry: Entry; readonly fits: Fits }[] = []
  #entries = new Map<string, Entry>()
  /** By method and path as they came. */
  readonly #paths = new Map<string, Entry | null>()
  #counted = 0
  #learned = 0

  constructor(wanted: SegmentsWanted = LEARN_ALL) {
    this.configure(wanted)
  }

  /** What is wanted as before keeps its counts. */
  configure(wanted: SegmentsWanted): void {
    if (this.#wanted !== null && JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return
    const known = new Map(this.#declared.map(({ entry }) => [entry.name, entry]))
    this.#declared = wanted.declared.map((name) => ({
      entry: known.get(name) ?? new Entry(name, true),
      fits: fits(name),
    }))
    const isLess = this.#wanted !== null && wanted.learn < this.#wanted.learn
    this.#wanted = wanted
    this.#paths.clear()
    if (isLess || wanted.learn === 0) this.#forgetLearned()
    else for (const name of wanted.declared) this.#forget(name)
  }

  count(
    slot: SlotName,
    request: { readonly method: string; readonly path: string },
    latencyMs: number,
    isError: boolean,
  ): void {
    const entry = this.#entryOf(request.method, request.path)
    if (++this.#counted % FADE_EVERY === 0) this.#fade()
    if (entry === null) return
    entry.weight++
    if (entry.sides === null && !this.#isPromoted(entry)) return
    const side = entry.sides![slot]
    side.requests++
    if (isError) side.errors++
    side.latency[Math.ceil(bucketOf(latencyMs) / COARSE)]!++
  }

  /** Those with the most requests first. */
  report(slot: SlotName): Readonly<Record<string, SegmentCounts>> {
    const told = [...this.#declared.map(({ entry }) => entry), ...this.#entries.values()]
      .filter(({ sides }) => sides !== null)
      .toSorted((left, right) => requestsOf(right) - requestsOf(left))
    return Object.fromEntries(told.map(({ name, sides }) => [name, countsOf(sides![slot])]))
  }

  #entryOf(method: string, path: string): Entry | null {
    const query = path.indexOf('?')
    const plain = query < 0 ? path : path.slice(0, query)
    const key = `${method} ${plain}`
    const known = this.#paths.get(key)
    if (known !== undefined) return known
    const entry = this.#find(method, partsOf(plain))
    if (this.#paths.size >= PATHS_MAX) this.#paths.clear()
    if (entry !== null || this.#wanted!.learn === 0) this.#paths.set(key, entry)
    return entry
  }

  #find(method: string, parts: readonly string[]): Entry | null {
    const declared = this.#declared.find((each) => each.fits(method, parts))
    if (declared) return declared.entry
    if (this.#wanted!.learn === 0) return null
    const name = learnedName(method, parts)
    const known = this.#entries.get(name)
    if (known) return known
    if (this.#entries.size >= ENTRIES_MAX) return null
    const entry = new Entry(name, false)
    this.#entries.set(name, entry)
    return entry
  }

  /** A place is free, or the one with the least has clearly less. */
  #isPromoted(entry: Entry): boolean {
    if (this.#learned >= this.#wanted!.learn) {
      const least = this.#least()
      if (least === null || entry.weight < 2 * least.weight + 16) return false
      least.sides = null
      this.#learned--
    }
    entry.sides = newSides()
    this.#learned++
    return true
  }

  #least(): Entry | null {
    let least: Entry | null = null
    for (const entry of this.#entries.values()) {
      if (entry.sides !== null && entry.weight < (least?.weight ?? Infinity)) least = entry
    }
    return least
  }

  /** Names that nobody asks for any more make room. */
  #fade(): void {
    for (const [name, entry] of this.#entries) {
      entry.weight = Math.floor(entry.weight / 2)
      if (entry.weight === 0 && entry.sides === null) this.#entries.delete(name)
    }
    this.#paths.clear()
  }

  /** What was learned under a name that is declared now would be told in its place, and never change again. */
  #forget(name: string): void {
    if (this.#entries.get(name)?.sides) this.#learned--
    this.#entries.delete(name)
  }

  #forgetLearned(): void {
    this.#entries = new Map()
    this.#learned = 0
  }
}

function newSides(): Record<SlotName, Side> {
  const side = () => ({ requests: 0, errors: 0, latency: new Float64Array(COARSE_MAX + 1) })
  return { blue: side(), green: side() }
}

function requestsOf({ sides }: Entry): number {
  return sides === null ? 0 : SLOTS.reduce((sum, slot) => sum + sides[slot].requests, 0)
}

function countsOf({ requests, errors, latency }: Side): SegmentCounts {
  return { requests, errors, latency: coarse(latency) }
}

function coarse(dense: Float64Array): Histogram {
  const counts: Record<string, number> = {}
  for (let bucket = 0; bucket < dense.length; bucket++) if (dense[bucket]) counts[bucket] = dense[bucket]!
  return { base: BASE ** COARSE, unitMs: UNIT_MS, counts }
}
