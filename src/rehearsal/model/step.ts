/** One edge: a move is given to the decider, messages are delivered at once, and everything that came out is checked. */
import type { Decision } from '../../core/rollout/decide.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Input } from '../../core/rollout/inputs.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { Instant } from '../../core/time.ts'
import { afterwards } from './afterwards.ts'
import type { Decided } from './facts.ts'
import type { Core } from './core.ts'
import { type Facts, NO_FACTS } from './facts.ts'
import type { Context } from './invariant.ts'
import { invariants } from './invariants.ts'
import { learn } from './learn.ts'
import type { Move } from './moves.ts'
import type { Scene } from './scene.ts'
import type { ModelWorld } from './world-state.ts'

export type Node = {
  readonly state: RolloutState
  readonly facts: Facts
  readonly world: ModelWorld
  readonly now: Instant
}

export type Stepped =
  | { readonly ok: true; readonly node: Node; readonly events: readonly Recorded[] }
  | { readonly ok: false; readonly broken: string; readonly events: readonly Recorded[] }

export const START = 1_000_000 as Instant

export function begin(core: Core, scene: Scene): Stepped {
  const nothing = { state: null, facts: NO_FACTS, world: scene.world, now: START }
  return give(core, scene, nothing, { input: scene.request, at: START, world: scene.world })
}

export function take(core: Core, scene: Scene, node: Node, move: Move): Stepped {
  if (move.input === null) return { ok: true, node: { ...node, world: move.world }, events: [] }
  return give(core, scene, node, { input: move.input, at: move.at, world: move.world })
}

type Before = Omit<Node, 'state'> & { readonly state: RolloutState | null }
type Given = { readonly input: Input; readonly at: Instant; readonly world: ModelWorld }

function give(core: Core, scene: Scene, before: Before, { input, at, world }: Given): Stepped {
  const events: Recorded[] = []
  try {
    const decision = core.decide(before.state, input, at)
    events.push(...decision.events)
    const context = { plan: scene.plan, world }
    let facts = checked(before.facts, decision.events, context)
    let { state } = decision
    for (const told of messagesOf(decision)) {
      const delivered = core.decide(state, told, at)
      state = delivered.state
      facts = checked(facts, delivered.events, context)
    }
    const nextDue = core.nextDue(state)
    const { plan } = scene
    const { layout } = world
    const decided = { before: before.facts, after: facts, input, events, nextDue, now: at, plan, layout }
    const broken = afterwardsBroken(decided)
    if (broken !== null) return { ok: false, broken, events }
    return { ok: true, node: { state, facts, world, now: at }, events }
  } catch (error) {
    return { ok: false, broken: error instanceof Error ? error.message : String(error), events }
  }
}

/** The first of what must hold of the whole decision and does not, or null. */
function afterwardsBroken(decided: Decided): string | null {
  for (const { name, breaks } of afterwards) {
    const broken = breaks(decided)
    if (broken !== null) return `${name}: ${broken}`
  }
  return null
}

function messagesOf({ commands }: Decision): readonly Input[] {
  return commands
    .filter(({ command }) => command.type === 'Notify')
    .map(({ key }) => ({
      type: 'command-finished',
      key,
      result: { ok: true, answer: { type: 'done', detail: '' } },
    }))
}

/** Throws, naming the invariant, at the first event that breaks one. */
function checked(facts: Facts, events: readonly Recorded[], context: Context): Facts {
  let known = facts
  for (const event of events) {
    for (const { name, breaks } of invariants) {
      const broken = breaks(known, event, context)
      if (broken !== null) throw new Error(`${name}: ${broken}`)
    }
    known = learn(known, event)
  }
  return known
}
