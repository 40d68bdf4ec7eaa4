/**
 * The Merkle tree of RFC 6962 / RFC 9162 §2.1 as pure functions; the hash is passed in. A tree is never kept: its
 * frontier (the roots of its full subtrees, largest first) is enough to append and to know the root, in O(log n). Proofs
 * are lists of ranges of leaves, so that whoever owns the leaves decides how to hash them.
 */
export type Hash = (data: Uint8Array) => Uint8Array

/** The roots of the full subtrees of the first `size` leaves, largest first: one per bit that is set in `size`. */
export type Frontier = { readonly size: number; readonly nodes: readonly Uint8Array[] }

/** Leaves `from` up to but not including `to`; a full subtree, or the ragged right end of the tree. */
export type LeafRange = { readonly from: number; readonly to: number }

export type Proof = readonly Uint8Array[]

export const EMPTY_FRONTIER: Frontier = { size: 0, nodes: [] }

/** 0x00 before leaves, 0x01 before nodes: a node can never be passed off as a leaf. */
export function leafHash(hash: Hash, data: Uint8Array): Uint8Array {
  return hash(joined(0, data))
}

export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(joined(1, left, right))
}

/** The frontier after one more leaf; `leaf` is already a leaf hash. */
export function appendLeaf(hash: Hash, frontier: Frontier, leaf: Uint8Array): Frontier {
  const nodes = [...frontier.nodes]
  let node = leaf
  for (let rest = frontier.size; isOdd(rest); rest = half(rest)) node = nodeHash(hash, nodes.pop() as Uint8Array, node)
  nodes.push(node)
  return { size: frontier.size + 1, nodes }
}

export function treeRoot(hash: Hash, frontier: Frontier): Uint8Array {
  const [last, ...rest] = frontier.nodes.toReversed()
  if (last === undefined) return hash(new Uint8Array(0))
  return rest.reduce((right, left) => nodeHash(hash, left, right), last)
}

/**
 * The root over some leaf hashes, O(n).
 * @kept The slow, plain way, against which tests hold the frontier.
 */
export function rootOf(hash: Hash, leaves: Iterable<Uint8Array>): Uint8Array {
  let frontier = EMPTY_FRONTIER
  for (const leaf of leaves) frontier = appendLeaf(hash, frontier, leaf)
  return treeRoot(hash, frontier)
}

/** The ranges whose roots prove that leaf `index` (from 0) is in the tree of `size` leaves, lowest first. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  if (!(index >= 0 && index < size)) throw new Error(`no leaf ${index} in a tree of ${size} leaves`)
  const ranges: LeafRange[] = []
  let within: LeafRange = { from: 0, to: size }
  while (within.to - within.from > 1) {
    const [left, right] = split(within)
    const isLeft = index < right.from
    ranges.unshift(isLeft ? right : left)
    within = isLeft ? left : right
  }
  return ranges
}

/**
 * The ranges whose roots prove that the tree of `size` leaves begins with the whole tree of `earlier` leaves.
 * @kept For who checks an evidence bundle (R-H04); proofs are held to RFC 6962 by tests until then.
 */
export function consistencyRanges(earlier: number, size: number): readonly LeafRange[] {
  if (!(earlier >= 0 && earlier <= size)) throw new Error(`a tree of ${size} leaves has no earlier size ${earlier}`)
  const ranges: LeafRange[] = []
  if (earlier === 0) return ranges
  let within: LeafRange = { from: 0, to: size }
  while (within.to !== earlier) {
    const [left, right] = split(within)
    const isLeft = earlier <= right.from
    ranges.unshift(isLeft ? right : left)
    within = isLeft ? left : right
  }
  return within.from === 0 ? ranges : [within, ...ranges]
}

export type Inclusion = {
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly root: Uint8Array
  readonly proof: Proof
}

/**
 * RFC 9162 §2.1.3.2.
 * @kept For who checks an evidence bundle (R-H04); proofs are held to RFC 6962 by tests until then.
 */
export function verifyInclusion(hash: Hash, { index, size, leaf, root, proof }: Inclusion): boolean {
  if (!(index >= 0 && index < size)) return false
  const sides = siblingSides(index, size - 1, proof.length)
  if (sides === null) return false
  return isEqual(climb(hash, leaf, proof, sides), root)
}

export type Consistency = {
  readonly earlier: number
  readonly size: number
  readonly earlierRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: Proof
}

/**
 * RFC 9162 §2.1.4.2.
 * @kept For who checks an evidence bundle (R-H04); proofs are held to RFC 6962 by tests until then.
 */
export function verifyConsistency(hash: Hash, { earlier, size, earlierRoot, root, proof }: Consistency): boolean {
  if (earlier === size) return proof.length === 0 && isEqual(earlierRoot, root)
  if (earlier === 0) return proof.length === 0 && isEqual(earlierRoot, treeRoot(hash, EMPTY_FRONTIER))
  if (!(earlier > 0 && earlier < size)) return false
  let [at, last] = [earlier - 1, size - 1]
  while (isOdd(at)) [at, last] = [half(at), half(last)]
  const [first, ...rest] = at === 0 ? [earlierRoot, ...proof] : proof
  const sides = siblingSides(at, last, rest.length)
  if (first === undefined || sides === null) return false
  const inEarlier = rest.filter((_, step) => sides[step] === 'left')
  const old = climb(
    hash,
    first,
    inEarlier,
    sides.filter((side) => side === 'left'),
  )
  return isEqual(old, earlierRoot) && isEqual(climb(hash, first, rest, sides), root)
}

type Side = 'left' | 'right'

/** On which side each sibling stands on the way up from node `at` of a row whose last node is `last`; null: no such way. */
function siblingSides(at: number, last: number, steps: number): readonly Side[] | null {
  const sides: Side[] = []
  let [node, end] = [at, last]
  for (let step = 0; step < steps; step++) {
    if (end === 0) return null
    const isLeft = isOdd(node) || node === end
    sides.push(isLeft ? 'left' : 'right')
    // A last node without a right sibling goes up as it is.
    if (isLeft) while (!isOdd(node) && node !== 0) [node, end] = [half(node), half(end)]
    ;[node, end] = [half(node), half(end)]
  }
  return end === 0 ? sides : null
}

function climb(hash: Hash, from: Uint8Array, proof: Proof, sides: readonly Side[]): Uint8Array {
  return proof.reduce(
    (node, sibling, step) => (sides[step] === 'left' ? nodeHash(hash, sibling, node) : nodeHash(hash, node, sibling)),
    from,
  )
}

/** At the largest power of two smaller than the number of leaves. */
function split({ from, to }: LeafRange): readonly [LeafRange, LeafRange] {
  let middle = 1
  while (middle * 2 < to - from) middle *= 2
  return [
    { from, to: from + middle },
    { from: from + middle, to },
  ]
}

function joined(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0))
  bytes[0] = prefix
  let at = 1
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

// Sizes may pass 2^31, so no bit operators.
function isOdd(value: number): boolean {
  return value % 2 === 1
}

function half(value: number): number {
  return Math.floor(value / 2)
}
