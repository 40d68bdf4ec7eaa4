import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { array, assert as check, nat, property, uint8Array } from 'fast-check'
import {
  appendLeaf,
  consistencyRanges,
  EMPTY_FRONTIER,
  type Frontier,
  inclusionRanges,
  type LeafRange,
  leafHash,
  type Proof,
  rootOf,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'

function sha256(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest()
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** The leaves of certificate-transparency's reference tests, and the roots of the trees of the first n of them. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (text) => leafHash(sha256, Buffer.from(text, 'hex')),
)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('roots are those of the RFC 6962 reference trees', () => {
  for (const [size, root] of ROOTS.entries()) assert.equal(hex(rootOf(sha256, LEAVES.slice(0, size))), root)
})

test('inclusion and consistency paths are the examples of RFC 9162 §2.1.5 (seven leaves)', () => {
  const span = (ranges: readonly LeafRange[]) => ranges.map(({ from, to }) => `${from}-${to}`)
  assert.deepEqual(span(inclusionRanges(0, 7)), ['1-2', '2-4', '4-7'])
  assert.deepEqual(span(inclusionRanges(3, 7)), ['2-3', '0-2', '4-7'])
  assert.deepEqual(span(inclusionRanges(4, 7)), ['5-6', '6-7', '0-4'])
  assert.deepEqual(span(inclusionRanges(6, 7)), ['4-6', '0-4'])
  assert.deepEqual(span(consistencyRanges(3, 7)), ['2-3', '3-4', '0-2', '4-7'])
  assert.deepEqual(span(consistencyRanges(4, 7)), ['4-7'])
  assert.deepEqual(span(consistencyRanges(6, 7)), ['4-6', '6-7', '0-4'])
})

test('a frontier holds one node per bit that is set in its size', () => {
  let frontier: Frontier = EMPTY_FRONTIER
  for (let size = 1; size <= 40; size++) {
    frontier = appendLeaf(sha256, frontier, LEAVES[size % LEAVES.length] as Uint8Array)
    assert.equal(frontier.size, size)
    assert.equal(frontier.nodes.length, size.toString(2).replaceAll('0', '').length)
  }
})

test('indexes and sizes outside the tree are refused', () => {
  assert.throws(() => inclusionRanges(7, 7), /no leaf 7 in a tree of 7 leaves/)
  assert.throws(() => inclusionRanges(-1, 7), /no leaf -1/)
  assert.throws(() => inclusionRanges(Number.NaN, 7), /no leaf NaN/)
  assert.throws(() => consistencyRanges(8, 7), /no earlier size 8/)
})

const tree = array(uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 70 }).map((data) => {
  return data.map((bytes, index) => leafHash(sha256, Uint8Array.of(index, ...bytes)))
})

function proof(leaves: readonly Uint8Array[], ranges: readonly LeafRange[]): Proof {
  return ranges.map(({ from, to }) => rootOf(sha256, leaves.slice(from, to)))
}

test('every leaf is proven to be in, at its place and nowhere else', () => {
  check(
    property(tree, nat(), nat(), (leaves, pick, other) => {
      const size = leaves.length
      const index = pick % size
      const claim = {
        index,
        size,
        leaf: leaves[index] as Uint8Array,
        root: rootOf(sha256, leaves),
        proof: proof(leaves, inclusionRanges(index, size)),
      }
      assert.equal(verifyInclusion(sha256, claim), true)
      const elsewhere = other % size
      assert.equal(verifyInclusion(sha256, { ...claim, leaf: leaves[elsewhere] as Uint8Array }), elsewhere === index)
      assert.equal(verifyInclusion(sha256, { ...claim, index: size }), false)
      assert.equal(verifyInclusion(sha256, { ...claim, proof: [...claim.proof, claim.leaf] }), false)
      if (claim.proof.length > 0) {
        assert.equal(verifyInclusion(sha256, { ...claim, proof: claim.proof.slice(1) }), false)
      }
    }),
  )
})

test('a tree is proven to continue an earlier one, and a rewritten one is not', () => {
  check(
    property(tree, nat(), nat(), (leaves, pick, change) => {
      const size = leaves.length
      const earlier = pick % (size + 1)
      const claim = {
        earlier,
        size,
        earlierRoot: rootOf(sha256, leaves.slice(0, earlier)),
        root: rootOf(sha256, leaves),
        proof: proof(leaves, consistencyRanges(earlier, size)),
      }
      assert.equal(verifyConsistency(sha256, claim), true)
      if (earlier === 0) return
      const rewritten = leaves.with(change % earlier, leafHash(sha256, Uint8Array.of(255, 255, 255)))
      const forged = { ...claim, root: rootOf(sha256, rewritten) }
      assert.equal(verifyConsistency(sha256, forged), false)
      const forgedProof = proof(rewritten, consistencyRanges(earlier, size))
      assert.equal(verifyConsistency(sha256, { ...forged, proof: forgedProof }), false)
    }),
  )
})

test('the root by frontier is the root by the recursive definition', () => {
  function recursive(leaves: readonly Uint8Array[]): Uint8Array {
    if (leaves.length === 1) return leaves[0] as Uint8Array
    let middle = 1
    while (middle * 2 < leaves.length) middle *= 2
    const [left, right] = [recursive(leaves.slice(0, middle)), recursive(leaves.slice(middle))]
    return sha256(Buffer.concat([Uint8Array.of(1), left, right]))
  }
  check(
    property(tree, (leaves) => {
      const frontier = leaves.reduce((sum, leaf) => appendLeaf(sha256, sum, leaf), EMPTY_FRONTIER)
      assert.equal(hex(treeRoot(sha256, frontier)), hex(recursive(leaves)))
    }),
  )
})
