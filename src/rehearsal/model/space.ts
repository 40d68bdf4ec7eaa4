/** What is explored: nodes, what can happen in each, and when two are the same. */
import { isFinal, pendingOf, type RolloutState } from '../../core/rollout/state.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Core } from './core.ts'
import { keyOf } from './key.ts'
import { type Move, movesFrom } from './moves.ts'
import type { Scene } from './scene.ts'
import { begin, type Node, take } from './step.ts'
import { desiredOf } from './facts.ts'

export type Taken<N> =
  | { readonly ok: true; readonly node: N; readonly events: readonly Recorded[] }
  | { readonly ok: false; readonly broken: string; readonly events: readonly Recorded[] }

export type Space<N> = {
  readonly name: string
  readonly begin: () => Taken<N>
  readonly moves: (node: N, spare: boolean) => readonly Move[]
  readonly take: (node: N, move: Move) => Taken<N>
  readonly key: (node: N) => number
  /** How the node is an end, or null. */
  readonly end: (node: N) => string | null
  /** Whose move it is, as it was before. */
  readonly stateOf: (node: N, move: Move) => RolloutState
  /** Nothing serves before. */
  readonly isFirst: boolean
  /** Versions, in the order in which they are asked for. */
  readonly releases: readonly string[]
  /** The input of a move, for people: `EnsureSlot green shop-prod-2: ok`. */
  readonly describe: (node: N, move: Move) => string
}

/** One rollout alone. */
export function spaceOf(core: Core, scene: Scene): Space<Node> {
  return {
    name: scene.name,
    begin: () => begin(core, scene),
    moves: (node, spare) => movesFrom(core, scene, node, spare),
    take: (node, move) => take(core, scene, node, move),
    key: ({ state, facts, world, now }) => keyOf(state, facts, world, now),
    end: ({ state }) => (isFinal(state) ? state.status : null),
    stateOf: ({ state }) => state,
    isFirst: scene.request.stable === null,
    releases: ['v2'],
    describe: inputOf,
  }
}

export function inputOf({ state }: Pick<Node, 'state'>, { input, how }: Move): string {
  if (input === null) return how
  if (input.type !== 'command-finished') return input.type === 'tick' ? `tick (${how})` : `${input.type} (${how})`
  const asked = pendingOf(state, input.key)
  return `${asked ? desiredOf(asked.command) : input.key}: ${how}`
}
