/**
 * Breadth-first over everything that can happen: first without a surprise, then with one, then with two … A node is expanded
 * once, with the fewest surprises that lead to it, so all that more surprises could do from there is done. The first
 * counterexample found therefore needs the fewest things to go wrong and, among those, the fewest inputs.
 */
import { type Graph, newGraph } from './graph.ts'
import { turn } from './moves.ts'
import type { Space } from './space.ts'

export type Bounds = {
  /** Faults, unlucky looks and requests of people together, along one path. */
  readonly surprises: number
  readonly statesMax: number
}

export type Failure = { readonly broken: string; readonly path: readonly number[] }

export type Report = {
  readonly scene: string
  readonly states: number
  readonly edges: number
  readonly depth: number
  /** All was explored within the surprises; else `statesMax` was met. */
  readonly complete: boolean
  readonly elapsedMs: number
  readonly ends: Readonly<Record<string, number>>
  readonly failure: Failure | null
}

type Waiting<N> = { readonly id: number; readonly node: N }

export function explore<N>(space: Space<N>, bounds: Bounds, clock: () => number): Report {
  const started = clock()
  const run = newRun(space, bounds)
  for (let spent = 0; spent <= bounds.surprises && !run.failure; spent += 1) level(run, spent)
  if (!run.failure) run.failure = endless(run)
  const { graph, edges, depth, ends, failure } = run
  const complete = !run.full
  const elapsedMs = clock() - started
  return { scene: space.name, states: graph.size(), edges, depth, complete, elapsedMs, ends, failure }
}

type Run<N> = {
  readonly space: Space<N>
  readonly bounds: Bounds
  readonly graph: Graph
  readonly known: Map<number, number>
  readonly costs: number[]
  /** Nodes to expand, by the surprises spent to reach them. */
  readonly levels: Waiting<N>[][]
  readonly ends: Record<string, number>
  /** Nodes from which a free move led to a node that no longer fitted in. */
  readonly open: Set<number>
  edges: number
  depth: number
  full: boolean
  failure: Failure | null
}

function newRun<N>(space: Space<N>, bounds: Bounds): Run<N> {
  const run: Run<N> = {
    space,
    bounds,
    graph: newGraph(),
    known: new Map(),
    costs: [],
    levels: Array.from({ length: bounds.surprises + 1 }, () => []),
    ends: {},
    open: new Set(),
    edges: 0,
    depth: 0,
    full: false,
    failure: null,
  }
  const first = space.begin()
  if (!first.ok) run.failure = { broken: first.broken, path: [] }
  else reach(run, first.node, { from: -1, move: 0, spent: 0 })
  return run
}

function level<N>(run: Run<N>, spent: number): void {
  const queue = run.levels[spent]!
  for (let at = 0; at < queue.length && !run.failure; at += 1) {
    const waiting = queue[at]!
    // Reached more cheaply since it was put here: it has been expanded already.
    if (run.costs[waiting.id] === spent) expand(run, waiting, spent)
    queue[at] = undefined as never
  }
  run.levels[spent] = []
}

function expand<N>(run: Run<N>, { id, node }: Waiting<N>, spent: number): void {
  const spare = spent < run.bounds.surprises
  const moves = run.space.moves(node, spare)
  for (let index = 0; index < moves.length; index += 1) {
    const move = moves[index]!
    run.edges += 1
    const stepped = run.space.take(node, move)
    if (!stepped.ok) {
      run.failure = { broken: stepped.broken, path: [...run.graph.path(id), turn(index, spare)] }
      return
    }
    const to = reach(run, stepped.node, { from: id, move: turn(index, spare), spent: spent + move.cost })
    if (move.cost > 0) continue
    if (to >= 0) run.graph.link(id, to)
    else run.open.add(id)
  }
}

type Way = { readonly from: number; readonly move: number; readonly spent: number }

/** The number of the node; it waits to be expanded if it is new or was reached with fewer surprises than before. */
function reach<N>(run: Run<N>, node: N, { from, move, spent }: Way): number {
  const key = run.space.key(node)
  const known = run.known.get(key)
  if (known === undefined && run.graph.size() >= run.bounds.statesMax) {
    run.full = true
    return -1
  }
  const end = run.space.end(node)
  const id = known ?? run.graph.add(from, move, end !== null)
  if (known === undefined) {
    run.known.set(key, id)
    if (end !== null) run.ends[end] = (run.ends[end] ?? 0) + 1
  } else if (run.costs[id]! <= spent) return id
  else run.graph.reparent(id, from, move)
  run.costs[id] = spent
  run.depth = Math.max(run.depth, run.graph.depthOf(id))
  run.levels[spent]!.push({ id, node })
  return id
}

/** From every state an end is reachable when adapters answer well. Where the graph was cut off one may lie beyond. */
function endless<N>({ graph, open }: Run<N>): Failure | null {
  const [first] = graph.stuck(open)
  if (first === undefined) return null
  return { broken: 'no end is reachable from here although adapters answer well', path: graph.path(first) }
}
