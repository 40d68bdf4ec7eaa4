/** Proofs for single events: small, and checked with nothing but a signed checkpoint. For evidence bundles. */
import { inclusionRanges, type LeafRange, nodeHash, type Proof } from '../../core/audit/merkle.ts'
import { sha256 } from '../event-data.ts'
import { type AuditedStore, logEntries } from './source.ts'

export type InclusionProof = {
  readonly position: number
  /** Of the checkpoint that the proof leads to. */
  readonly size: number
  readonly leaf: Uint8Array
  readonly proof: Proof
}

/** One pass over the leaves up to `size`, whatever the number of positions; memory for the proofs only. */
export async function proveInclusion(
  store: AuditedStore,
  positions: readonly number[],
  size: number,
): Promise<readonly InclusionProof[]> {
  const paths = positions.map((position) => ({ position, ranges: inclusionRanges(position - 1, size) }))
  const own = positions.map((position) => ({ from: position - 1, to: position }))
  const roots = new SubtreeRoots([...own, ...paths.flatMap(({ ranges }) => ranges)])
  for await (const { leaf } of logEntries(store, size)) roots.add(leaf)
  return paths.map(({ position, ranges }) => ({
    position,
    size,
    leaf: roots.of({ from: position - 1, to: position }),
    proof: ranges.map((range) => roots.of(range)),
  }))
}

type Subtree = LeafRange & { readonly root: Uint8Array }

/** Roots of the ranges wanted, out of leaves that come one by one. */
class SubtreeRoots {
  readonly #wanted: ReadonlySet<string>
  readonly #known = new Map<string, Uint8Array>()
  /** The roots of the full subtrees so far, largest first: the frontier, with its places. */
  readonly #open: Subtree[] = []

  constructor(wanted: readonly LeafRange[]) {
    this.#wanted = new Set(wanted.map(name))
  }

  add(leaf: Uint8Array): void {
    const from = this.#open.at(-1)?.to ?? 0
    let node: Subtree = { from, to: from + 1, root: leaf }
    this.#keep(node)
    for (let left = this.#open.at(-1); left && width(left) === width(node); left = this.#open.at(-1)) {
      this.#open.pop()
      node = joined(left, node)
      this.#keep(node)
    }
    this.#open.push(node)
  }

  /** A full subtree was kept on the way; the ragged right end is put together from what is still open. */
  of(range: LeafRange): Uint8Array {
    const full = this.#known.get(name(range))
    if (full !== undefined) return full
    const parts = this.#open.filter((subtree) => subtree.from >= range.from)
    const last = parts.pop()
    if (last === undefined || last.to !== range.to || (parts[0] ?? last).from !== range.from) {
      throw new Error(`the log has no leaves ${range.from} to ${range.to}`)
    }
    return parts.reduceRight((right, left) => joined(left, right), last).root
  }

  #keep(subtree: Subtree): void {
    if (this.#wanted.has(name(subtree))) this.#known.set(name(subtree), subtree.root)
  }
}

function joined(left: Subtree, right: Subtree): Subtree {
  return { from: left.from, to: right.to, root: nodeHash(sha256, left.root, right.root) }
}

function name({ from, to }: LeafRange): string {
  return `${from}-${to}`
}

function width({ from, to }: LeafRange): number {
  return to - from
}
