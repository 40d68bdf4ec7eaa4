/** The explored graph, as flat numbers: nodes with where they were first reached from, and the free edges between them. */
export type Graph = {
  readonly size: () => number
  readonly add: (from: number, move: number, final: boolean) => number
  readonly reparent: (node: number, from: number, move: number) => void
  readonly link: (from: number, to: number) => void
  /** Moves from the root to this node, each by its index among the moves of the node before. */
  readonly path: (node: number) => readonly number[]
  readonly depthOf: (node: number) => number
  /** Nodes from which free moves alone reach neither a final node nor one of `open`. */
  readonly stuck: (open: ReadonlySet<number>) => readonly number[]
}

function pathTo(node: number, parents: readonly number[], moves: readonly number[]): readonly number[] {
  const steps: number[] = []
  for (let at = node; parents[at]! >= 0; at = parents[at]!) steps.push(moves[at]!)
  return steps.toReversed()
}

export function newGraph(): Graph {
  const parents: number[] = []
  const moves: number[] = []
  const depths: number[] = []
  const froms: number[] = []
  const tos: number[] = []
  const finals: boolean[] = []

  return {
    size: () => parents.length,
    add(from, move, final) {
      depths.push(from < 0 ? 0 : depths[from]! + 1)
      moves.push(move)
      finals.push(final)
      return parents.push(from) - 1
    },
    reparent(node, from, move) {
      parents[node] = from
      moves[node] = move
      depths[node] = depths[from]! + 1
    },
    link(from, to) {
      froms.push(from)
      tos.push(to)
    },
    path: (node) => pathTo(node, parents, moves),
    depthOf: (node) => depths[node]!,
    stuck: (open) => unreached(parents.length, { froms, tos, isEnd: (node) => finals[node]! || open.has(node) }),
  }
}

type Edges = {
  readonly froms: readonly number[]
  readonly tos: readonly number[]
  readonly isEnd: (node: number) => boolean
}

/** Backwards from the ends along the edges: what is never met cannot reach one. Linear in nodes and edges. */
function unreached(size: number, { froms, tos, isEnd }: Edges): readonly number[] {
  const first = new Int32Array(size).fill(-1)
  const next = new Int32Array(tos.length)
  tos.forEach((to, edge) => {
    next[edge] = first[to]!
    first[to] = edge
  })
  const met = new Uint8Array(size)
  const stack: number[] = []
  for (let node = 0; node < size; node += 1) if (isEnd(node)) stack.push(node)
  for (const node of stack) met[node] = 1
  while (stack.length > 0) {
    for (let edge = first[stack.pop()!]!; edge >= 0; edge = next[edge]!) {
      const from = froms[edge]!
      if (met[from] === 1) continue
      met[from] = 1
      stack.push(from)
    }
  }
  return Array.from({ length: size }, (_, node) => node).filter((node) => met[node] === 0)
}
