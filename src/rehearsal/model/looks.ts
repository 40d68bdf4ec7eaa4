/** What a look may find: what is there, what has changed since the last one, or nothing of it. */
import { otherSlot, type Slot } from '../../core/observed.ts'
import { putSide } from './sides.ts'
import { put, served, worldSeen } from './world.ts'
import type { Feel, Hides, ModelWorld } from './world-state.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { Instant } from '../../core/time.ts'
import type { CommandFinished } from '../../core/rollout/inputs.ts'

export type Result = CommandFinished['result']

type Surprises = {
  readonly answer: { readonly answers: 'transient' | 'permanent' | 'unknown' | 'ignored' }
  /** Done, and nobody is ever told. */
  readonly lost: { readonly command: Command }
  readonly verdict: { readonly outcome: 'fail' | 'no-evidence' }
  readonly smoke: object
  readonly slow: object
  readonly silence: object
  readonly undriven: object
  readonly reboot: object
  readonly felt: { readonly feel: Feel }
  readonly hidden: { readonly hides: Hides }
  readonly crashed: { readonly slots: readonly Slot[] }
  readonly exited: { readonly slot: Slot }
  readonly unready: { readonly slot: Slot }
}

export type SurpriseName = keyof Surprises
/** What went wrong, for whoever tells it as a scenario; what has none can only be remarked. */
export type Surprise<K extends SurpriseName = SurpriseName> = {
  readonly [T in K]: { readonly is: T } & Surprises[T]
}[K]

export type Outcome = {
  readonly how: string
  readonly surprise?: Surprise | undefined
  readonly cost: 0 | 1
  readonly world: ModelWorld
  /** Null: no answer ever comes. */
  readonly result: Result | null
}

export type Asked = {
  readonly command: Command
  readonly key: string
  readonly at: Instant
  /** Where the release under way is. */
  readonly candidate: Slot
  /** Only what is free is wanted. */
  readonly usual: boolean
  /** It is over: what machines do between releases are moves of their own. */
  readonly ended: boolean
}

/** One look that finds this, or none where only what is free is wanted. */
type Look = (how: string, cost: 0 | 1, next: ModelWorld, surprise?: Surprise) => readonly Outcome[]

const HIDDEN: readonly Hides[] = ['slots', 'route', 'both']
const FEELS: readonly Feel[] = ['good', 'candidate-bad', 'all-bad', 'idle', 'none']

export function looks(world: ModelWorld, asked: Asked): readonly Outcome[] {
  const { command, at, candidate } = asked
  const metrics = command.type === 'Observe' && command.metrics
  const look: Look = (how, cost, next, surprise) => {
    if (asked.usual && cost > 0) return []
    const after = metrics ? served(next, candidate) : next
    return [
      {
        how,
        surprise,
        cost,
        world: after,
        result: { ok: true, answer: { type: 'world', world: worldSeen(after, at, metrics) } },
      },
    ]
  }
  const unseen = { at, slots: {}, routes: {}, metrics: {}, failures: [{ what: 'everything', message: 'no answer' }] }
  if (world.hides === 'looks') return [refused(world, 0), ...shownAgain(world, look)]
  const found: Outcome[] = [...look('seen', 0, world), ...shownAgain(world, look), ...hiding(world, asked, look)]
  if (metrics) found.push(...feels(world, look))
  if ((metrics || asked.ended) && world.weights[candidate] > 0)
    found.push(...look('the route fell back', 1, fallenBack(world, candidate)))
  if (world.draining) found.push(...look('seen, drained', 0, { ...world, draining: null }))
  if (!asked.ended) found.push(...machines(world, candidate, look), ...sides(world, look))
  const surprise = { is: 'answer', answers: 'transient' } as const
  return [
    ...found,
    { how: 'nothing seen', surprise, cost: 1, world, result: { ok: true, answer: { type: 'world', world: unseen } } },
  ]
}

function feels(world: ModelWorld, look: Look): readonly Outcome[] {
  if (Object.values(world.weights).every((weight) => weight === 0)) return []
  return FEELS.filter((feel) => feel !== world.feel).flatMap((feel) =>
    look(`seen, now ${feel}`, feel === 'good' ? 0 : 1, { ...world, feel }, { is: 'felt', feel }),
  )
}

function sides(world: ModelWorld, look: Look): readonly Outcome[] {
  return Object.entries(world.sides).flatMap(([name, { slots }]) =>
    (['blue', 'green'] as const).flatMap((slot) => {
      const held = slots[slot]
      if (!held || held.condition === 'crashed') return []
      const as = (condition: 'ready' | 'crashed') => putSide(world, name, slot, { ...held, condition })
      if (held.condition === 'starting') return look(`${name} in ${slot} became ready`, 0, as('ready'))
      return look(`${name} in ${slot} has crashed`, 1, as('crashed'), { is: 'crashed', slots: [slot] })
    }),
  )
}

function shownAgain(world: ModelWorld, look: Look): readonly Outcome[] {
  return world.hides === 'nothing' ? [] : look('everything is seen again', 0, { ...world, hides: 'nothing' })
}

function hiding(world: ModelWorld, { usual, command, candidate }: Asked, look: Look): readonly Outcome[] {
  const isTick = command.type === 'Observe' && command.metrics
  if (usual || !isTick || world.hides !== 'nothing' || world.weights[candidate] === 0) return []
  const parts = HIDDEN.flatMap((hides) =>
    look(`from now on ${hides} cannot be seen`, 1, { ...world, hides }, { is: 'hidden', hides }),
  )
  return [...parts, refused({ ...world, hides: 'looks' }, 1)]
}

function refused(world: ModelWorld, cost: 0 | 1): Outcome {
  const how = cost === 0 ? 'the look is refused again' : 'from now on looks are refused'
  const result = { ok: false, kind: 'transient', message: 'no looks' } as const
  return { how, surprise: { is: 'hidden', hides: 'looks' }, cost, world, result }
}

function machines(world: ModelWorld, candidate: Slot, look: Look): readonly Outcome[] {
  const live = otherSlot(candidate)
  const each = [...changes(world, candidate, look), ...changes(world, live, look)]
  if (!world.slots[candidate] || !world.slots[live]) return each
  const both = { is: 'crashed', slots: ['blue', 'green'] } as const
  return [...each, ...look('both slots have crashed', 1, crashed(crashed(world, 'blue'), 'green'), both)]
}

/** A router that was started again with an old state: everything to the other slot, or to nobody. */
function fallenBack(world: ModelWorld, candidate: Slot): ModelWorld {
  const live = otherSlot(candidate)
  const weight = world.slots[live] ? 100 : 0
  const weights = live === 'blue' ? { blue: weight, green: 0 } : { blue: 0, green: weight }
  return { ...world, weights, draining: null }
}

/** Nobody starts it again. */
function crashed(world: ModelWorld, slot: Slot): ModelWorld {
  const held = world.slots[slot]
  return put(world, slot, held && { ...held, condition: 'crashed', restarts: held.restarts + 1 })
}

function changes(world: ModelWorld, slot: Slot, look: Look): readonly Outcome[] {
  const held = world.slots[slot]
  if (!held || held.condition === 'crashed') return []
  if (held.condition !== 'ready')
    return look(`${slot} became ready`, 0, put(world, slot, { ...held, condition: 'ready' }))
  const restarts = held.restarts + 1
  const unready = { is: 'unready', slot } as const
  return [
    ...look(`${slot} has crashed`, 1, crashed(world, slot), { is: 'crashed', slots: [slot] }),
    ...look(`${slot} exited and came back`, 1, put(world, slot, { ...held, restarts }), { is: 'exited', slot }),
    ...look(`${slot} lost readiness`, 1, put(world, slot, { ...held, condition: 'starting' }), unready),
    ...look(`one of ${slot} lost readiness`, 1, put(world, slot, { ...held, condition: 'partly' }), unready),
  ]
}
