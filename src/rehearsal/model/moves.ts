/** What can happen next in a node: an answer, time, a person, a late effect. Free moves are the usual course of things. */
import type { Input } from '../../core/rollout/inputs.ts'
import { isFinal, type Pending, type RolloutState } from '../../core/rollout/state.ts'
import type { Instant } from '../../core/time.ts'
import { effect, outcomesOf } from './answers.ts'
import type { Core } from './core.ts'
import type { Asked, Surprise } from './looks.ts'
import type { Scene } from './scene.ts'
import { put, worldSeen } from './world.ts'
import type { ModelWorld } from './world-state.ts'

export type Move = {
  readonly how: string
  readonly surprise?: Surprise | undefined
  readonly cost: 0 | 1
  readonly at: Instant
  /** Null: only the world changes. */
  readonly input: Input | null
  readonly world: ModelWorld
}

/** A move of a path as one number: its index among those that were on offer, and which of them were. */
export function turn(index: number, spare: boolean): number {
  return index * 2 + (spare ? 1 : 0)
}

export function turned<N>(moves: (node: N, spare: boolean) => readonly Move[], node: N, turn: number): Move | null {
  return moves(node, turn % 2 === 1)[turn >> 1] ?? null
}

export type Here = { readonly state: RolloutState; readonly world: ModelWorld; readonly now: Instant }

/** `spare`: whether the path may still afford a surprise. */
export function movesFrom(core: Core, scene: Scene, here: Here, spare: boolean): readonly Move[] {
  const due = core.nextDue(here.state)
  const moves: Move[] = [...answersIn(scene, here, due, spare)]
  const tick = timeIn(here, due)
  if (tick && (spare || tick.cost === 0)) moves.push(tick)
  if (here.world.stray) moves.push(lateEffect(here))
  for (const { input, cost, when } of scene.requests)
    if ((spare || cost === 0) && when(here.state))
      moves.push({ how: 'person', cost, at: asksAt(here.now, due), input, world: here.world })
  if (spare) moves.push(...betweenReleases(here), ...clockIn(scene, here))
  return moves
}

/** Nothing takes no time: two facts never share a moment, so that `since` tells before from after. */
const TAKES_MS = 1

export function answeredAt(now: Instant, { due }: Pending): Instant {
  return (Math.max(now, due) + TAKES_MS) as Instant
}

/** A look may well be back before these are. */
const SLOW: readonly string[] = ['EnsureSlot', 'RunSmoke', 'Migrate']

function asksAt(now: Instant, due: Instant | null): Instant {
  return Math.min(now + TAKES_MS, due ?? Number.POSITIVE_INFINITY) as Instant
}

/** The fencing number of an order: rollouts that come later have greater ones. */
function fenced({ fence }: Scene, key: string): string {
  return String(fence + Number(key))
}

export function waitingFor(state: RolloutState): readonly Pending[] {
  return state.pending.filter(({ command }) => command.type !== 'Notify')
}

function asked(scene: Scene, state: RolloutState, { command, key }: Pending, when: Pick<Asked, 'at' | 'usual'>): Asked {
  return { command, key: fenced(scene, key), ...when, candidate: state.candidateSlot, ended: isFinal(state) }
}

function answersIn(scene: Scene, { state, world, now }: Here, due: Instant | null, spare: boolean): readonly Move[] {
  const waiting = waitingFor(state)
  const quick = waiting.filter(({ command }) => !SLOW.includes(command.type))
  const first = Math.min(...quick.map((pending) => answeredAt(now, pending)))
  const told = waiting.flatMap((pending): Move[] => {
    const { key } = pending
    const at = answeredAt(now, pending)
    if (due !== null && at >= due) return []
    const overtakes = at > first
    if (overtakes && !spare) return []
    const usual = overtakes || !spare
    return outcomesOf(world, asked(scene, state, pending, { at, usual }))
      .filter(({ cost, result }) => result !== null && (cost === 0 || !usual))
      .map(({ how, surprise, cost, world, result }) => ({
        how,
        surprise,
        cost: overtakes ? 1 : cost,
        at,
        input: { type: 'command-finished', key, result: result! },
        world,
      }))
  })
  return spare ? [...told, ...silentEffects(scene, { state, world, now }, due, waiting)] : told
}

/** The order is carried out, and nobody is ever told. */
function silentEffects(scene: Scene, here: Here, due: Instant | null, waiting: readonly Pending[]): readonly Move[] {
  const { world, now, state } = here
  return waiting.flatMap((pending) => {
    const at = answeredAt(now, pending)
    if (due === null || at >= due) return []
    return outcomesOf(world, asked(scene, state, pending, { at, usual: false }))
      .filter(({ result }) => result === null)
      .map(({ how, surprise, world }) => ({
        how: `${pending.command.type}: ${how}`,
        surprise,
        cost: 1,
        at: due,
        input: { type: 'tick' },
        world,
      }))
  })
}

/** The next deadline passes; free unless an order would have been answered by then. */
function timeIn({ state, world, now }: Here, due: Instant | null): Move | null {
  if (due === null) return null
  const open = waitingFor(state).some((pending) => answeredAt(now, pending) < due)
  const surprise = { is: 'silence' } as const
  return { how: 'time passes', surprise, cost: open ? 1 : 0, at: due, input: { type: 'tick' }, world }
}

function lateEffect({ world, now }: Here): Move {
  const { stray, ...rest } = world
  const calm = { ...rest, stray: null }
  const done = stray && effect(calm, stray)
  return { how: `${stray?.command.type} takes effect after all`, cost: 0, at: now, input: null, world: done ?? calm }
}

/** A finalized release keeps its environment: a look finds what a reboot or a lost router left. */
function betweenReleases({ state, world, now }: Here): readonly Move[] {
  if (state.status !== 'finalized') return []
  const held = world.slots[state.candidateSlot]
  const dead = put(world, state.candidateSlot, held && { ...held, condition: 'crashed' })
  const reset = { ...world, weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] } }
  return [dead, reset].map((found) => ({
    ...(found === dead
      ? { how: 'the machine was restarted', surprise: { is: 'reboot' } as const }
      : { how: 'the router was restarted empty' }),
    cost: 1,
    at: now,
    input: { type: 'world-seen', world: worldSeen(found, now, false) },
    world: found,
  }))
}

const BACK_MS = 10_000
const OVERSLEPT_MS = 40_000

function clockIn(scene: Scene, { state, world, now }: Here): readonly Move[] {
  if (!scene.clock || isFinal(state)) return []
  const tick = { type: 'tick' } as const
  return [
    { how: 'the clock goes back', cost: 1, at: (now - BACK_MS) as Instant, input: tick, world },
    {
      how: 'nobody looked for a while',
      surprise: { is: 'undriven' },
      cost: 1,
      at: (now + OVERSLEPT_MS) as Instant,
      input: tick,
      world,
    },
  ]
}
