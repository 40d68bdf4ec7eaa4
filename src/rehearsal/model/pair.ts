/**
 * Two rollouts of one environment over one world: the second waits behind the first, gets its turn when that has ended, and
 * takes the spare slot over. The hand-over is what the engine does between transactions; here each part of it may come late.
 */
import type { Input, StableRelease } from '../../core/rollout/inputs.ts'
import { isFinal } from '../../core/rollout/state.ts'
import type { Instant } from '../../core/time.ts'
import type { Core } from './core.ts'
import { keyOf } from './key.ts'
import { answeredAt, type Move, movesFrom, waitingFor } from './moves.ts'
import type { Scene } from './scene.ts'
import { inputOf, type Space, type Taken } from './space.ts'
import { begin, type Node, take } from './step.ts'

export type Two = { readonly first: Node; readonly second: Node }
type Side = 'first' | 'second'
type Both = Readonly<Record<Side, Scene>>
type SidedMove = Move & { readonly side: Side }

const other = (side: Side): Side => (side === 'first' ? 'second' : 'first')

export function pairSpace(core: Core, [first, second]: readonly [Scene, Scene]): Space<Two> {
  const scenes = { first, second }
  return {
    name: 'two releases of one environment',
    begin: () => started(core, scenes),
    moves: (two, spare) => [
      ...sideMoves(core, scenes, two, { side: 'first', spare }),
      ...sideMoves(core, scenes, two, { side: 'second', spare }),
    ],
    take: (two, move) => taken(core, scenes, two, move as SidedMove),
    key: ({ first, second }) => {
      const one = keyOf(first.state, first.facts, first.world, first.now)
      return (one * 31 + keyOf(second.state, second.facts, first.world, first.now)) % Number.MAX_SAFE_INTEGER
    },
    end: ({ first, second }) =>
      isFinal(first.state) && isFinal(second.state) ? `${first.state.status}+${second.state.status}` : null,
    stateOf: (two, move) => two[(move as SidedMove).side].state,
    isFirst: false,
    releases: ['v2', 'v3'],
    describe: (two, move) => `${(move as SidedMove).side}: ${inputOf(two[(move as SidedMove).side], move)}`,
  }
}

function started(core: Core, scenes: Both): Taken<Two> {
  const first = begin(core, scenes.first)
  if (!first.ok) return first
  const second = begin(core, scenes.second)
  if (!second.ok) return second
  return { ok: true, node: { first: first.node, second: second.node }, events: [...first.events, ...second.events] }
}

type Turn = { readonly side: Side; readonly spare: boolean }

/** Nothing of one side happens after the moment at which the other side is due or answered. */
function sideMoves(core: Core, scenes: Both, two: Two, { side, spare }: Turn): readonly SidedMove[] {
  const until = nextOf(core, two[other(side)])
  const held = side === 'first' && two.second.state.admitted
  const own = movesFrom(core, scenes[side], two[side], spare).filter(({ at, input }) => {
    // The engine watches over an environment that nobody holds.
    return at <= until && !(held && input?.type === 'world-seen')
  })
  return [...own, ...handOver(two, side)].map((move) => ({ ...move, side, input: truthful(two, side, move.input) }))
}

function nextOf(core: Core, { state, now }: Node): number {
  const answers = waitingFor(state).map((pending) => answeredAt(now, pending))
  return Math.min(core.nextDue(state) ?? Number.POSITIVE_INFINITY, ...answers)
}

/** The engine says whether another rollout holds the environment. */
function truthful({ second }: Two, side: Side, input: Input | null): Input | null {
  if (input?.type !== 'roll-back' || side === 'second') return input
  return { ...input, environmentFree: !second.state.admitted || isFinal(second.state) }
}

function handOver({ first, second }: Two, side: Side): readonly Move[] {
  const move = (how: string, input: Input): Move => ({ how, cost: 0, at: first.now, input, world: first.world })
  const ended = isFinal(first.state) && first.state.status !== 'needs-human'
  if (side === 'second' && ended && second.state.status === 'queued' && !second.state.admitted)
    return [move('the environment is free', { type: 'admit', stable: stableAfter(first), quarantined: false })]
  const deploys =
    second.facts.step?.kind === 'deploy' && first.state.status === 'finalized' && !first.state.windowClosed
  return side === 'first' && deploys ? [move('the second deploys', { type: 'superseded', by: second.state.id })] : []
}

function stableAfter({ state }: Node): StableRelease | null {
  if (state.status !== 'finalized') return state.stable
  return { rollout: state.id, version: 'v2', identity: state.identity, slot: state.candidateSlot }
}

function taken(core: Core, scenes: Both, two: Two, move: SidedMove): Taken<Two> {
  const { side } = move
  const stepped = take(core, scenes[side], two[side], move)
  if (!stepped.ok) return { ...stepped, broken: `${side}: ${stepped.broken}` }
  const broken = intrudes(two, side, stepped.events)
  if (broken !== null) return { ok: false, broken, events: stepped.events }
  const { world, now } = stepped.node
  const rest = { ...two[other(side)], world, now: Math.max(now, two[other(side)].now) as Instant }
  const node = side === 'first' ? { first: stepped.node, second: rest } : { first: rest, second: stepped.node }
  return { ok: true, node, events: stepped.events }
}

/** At most one of them moves traffic, and the second starts nothing before its turn. */
function intrudes(two: Two, side: Side, events: Extract<Taken<Two>, { ok: true }>['events']): string | null {
  const holds = two.second.state.admitted && !isFinal(two.second.state)
  for (const event of events) {
    if (event.type !== 'CommandIssued') continue
    const { command } = event.data
    if (command.type !== 'SetRoute' && command.type !== 'EnsureSlot') continue
    if (side === 'first' && holds) return `the first orders ${command.type} while the second holds the environment`
    if (side === 'second' && !two.second.state.admitted) return `the second orders ${command.type} before its turn`
  }
  return null
}
