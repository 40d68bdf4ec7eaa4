/**
 * Everything that may become of one command: it works, it fails in each of the ways of a port, its effect happens although
 * the answer says otherwise or never comes. The usual answer is free; whatever else happens costs one surprise.
 */
import { otherSlot, type Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { CommandAnswer, CommandFinished } from '../../core/rollout/inputs.ts'
import type { Instant } from '../../core/time.ts'
import type { Verdict } from '../../core/verdict.ts'
import { type Feel, type ModelWorld, occupant, put, routeSeen, served, slotSeen, worldSeen } from './world.ts'

export type Result = CommandFinished['result']
export type Outcome = {
  readonly how: string
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
}

export function outcomesOf(world: ModelWorld, asked: Asked): readonly Outcome[] {
  switch (asked.command.type) {
    case 'CheckGate':
      return [...verdicts(world, asked), ...failures(world, world)]
    case 'RunSmoke':
      return [...smokes(world), ...failures(world, world)]
    case 'Observe':
      return [...looks(world, asked), ...failures(world, world)]
    case 'Notify':
      return [{ how: 'done', cost: 0, world, result: ok({ type: 'done', detail: '' }) }]
    case 'EnsureSlot':
    case 'StopSlot':
    case 'SetRoute':
      return moved(world, asked)
    default:
      return [{ how: 'done', cost: 0, world, result: ok({ type: 'done', detail: '' }) }, ...failures(world, world)]
  }
}

function ok(answer: CommandAnswer): Result {
  return { ok: true, answer }
}

const TRANSIENT: Result = { ok: false, kind: 'transient', message: 'refused for now' }
const PERMANENT: Result = { ok: false, kind: 'permanent', message: 'never' }
const UNKNOWN: Result = { ok: false, kind: 'unknown', message: 'timed out' }

/** `done` is the world in which the command happened although nobody was told so. */
function failures(world: ModelWorld, done: ModelWorld): readonly Outcome[] {
  const all: Outcome[] = [
    { how: 'transient', cost: 1, world, result: TRANSIENT },
    { how: 'permanent', cost: 1, world, result: PERMANENT },
    { how: 'unknown, not done', cost: 1, world, result: UNKNOWN },
  ]
  if (done === world) return all
  return [
    ...all,
    { how: 'unknown, but done', cost: 1, world: done, result: UNKNOWN },
    { how: 'done, answer lost', cost: 1, world: done, result: null },
  ]
}

/** Orders that change the world. */
function moved(world: ModelWorld, asked: Asked): readonly Outcome[] {
  const done = effect(world, asked)
  if (done === null) return [{ how: 'refused', cost: 0, world, result: PERMANENT }]
  const stray = { ...world, stray: { command: asked.command, key: asked.key } }
  const late: Outcome[] =
    asked.command.type === 'EnsureSlot' || world.stray
      ? []
      : [{ how: 'lost, takes effect later', cost: 1, world: stray, result: UNKNOWN }]
  return [
    { how: 'ok', cost: 0, world: done, result: ok(seen(done, asked.command)) },
    ...variations(world, done, asked),
    ...failures(world, done),
    ...late,
  ]
}

/** Answers that are true and yet not what one hopes for. */
function variations(world: ModelWorld, done: ModelWorld, { command }: Asked): readonly Outcome[] {
  if (command.type === 'EnsureSlot') {
    const held = done.slots[command.slot]
    const slow = put(done, command.slot, held && { ...held, condition: 'starting' })
    return [{ how: 'ok, starts slowly', cost: 1, world: slow, result: ok(seen(slow, command)) }]
  }
  if (command.type !== 'SetRoute') return []
  const left = (['blue', 'green'] as const).find((slot) => world.weights[slot] > 0 && done.weights[slot] === 0)
  const behind: Outcome = { how: 'ok, not in force yet', cost: 1, world: done, result: ok(seen(world, command)) }
  if (left === undefined) return [behind]
  const busy = { ...done, draining: left }
  return [behind, { how: 'ok, requests still in flight', cost: 1, world: busy, result: ok(seen(busy, command)) }]
}

function seen(world: ModelWorld, command: Command): CommandAnswer {
  if (command.type === 'SetRoute') return { type: 'route', component: command.component, observed: routeSeen(world) }
  if (command.type !== 'EnsureSlot' && command.type !== 'StopSlot') throw new Error(`${command.type} shows nothing`)
  const { component, slot } = command
  return { type: 'slot', component, slot, observed: slotSeen(world, slot) }
}

/** What the command makes of the world; null where the adapter refuses it: another occupant, a smaller fencing number. */
export function effect(world: ModelWorld, { command, key }: Pick<Asked, 'command' | 'key'>): ModelWorld | null {
  if (command.type === 'SetRoute') {
    if (Number(key) < world.generation) return null
    const { weights, upstreams, maintenance } = command.route
    return { ...world, weights, upstreams, maintenance, generation: Number(key), draining: null }
  }
  if (command.type !== 'EnsureSlot' && command.type !== 'StopSlot') return world
  const held = world.slots[command.slot]
  if (held && held.release !== command.release) return null
  if (command.type === 'StopSlot') return put({ ...world, draining: null }, command.slot, null)
  if (held && held.condition !== 'crashed') return world
  return put(world, command.slot, { ...occupant(command.release), restarts: held?.restarts ?? 0 })
}

function verdicts(world: ModelWorld, { command, at }: Asked): readonly Outcome[] {
  const rule = command.type === 'CheckGate' ? command.gate : ''
  return (['pass', 'fail', 'no-evidence'] as const).map((outcome) => {
    const verdict: Verdict = { rule, outcome, expected: '', actual: '', source: 'model', observedAt: at, text: outcome }
    return { how: outcome, cost: outcome === 'pass' ? 0 : 1, world, result: ok({ type: 'gate', verdict }) }
  })
}

function smokes(world: ModelWorld): readonly Outcome[] {
  return [true, false].map((passed) => {
    const check = { name: 'home', url: '/', passed, expected: '200', actual: passed ? '200' : '500', durationMs: 1 }
    const report = { passed, checks: [check] }
    return { how: passed ? 'pass' : 'fail', cost: passed ? 0 : 1, world, result: ok({ type: 'smoke', report }) }
  })
}

const FEELS: readonly Feel[] = ['good', 'candidate-bad', 'all-bad', 'idle', 'none']

/** What a look may find: what is there, what has changed since the last one, or nothing of it. */
function looks(world: ModelWorld, asked: Asked): readonly Outcome[] {
  const { command, at, candidate } = asked
  const metrics = command.type === 'Observe' && command.metrics
  const look = (how: string, cost: 0 | 1, next: ModelWorld): Outcome => {
    const after = metrics ? served(next, candidate) : next
    return { how, cost, world: after, result: ok({ type: 'world', world: worldSeen(after, at, metrics) }) }
  }
  const blind = { at, slots: {}, routes: {}, metrics: {}, failures: [{ what: 'everything', message: 'no answer' }] }
  const found: Outcome[] = [look('seen', 0, world)]
  if (metrics && Object.values(world.weights).some((weight) => weight > 0))
    for (const feel of FEELS)
      if (feel !== world.feel) found.push(look(`seen, now ${feel}`, feel === 'good' ? 0 : 1, { ...world, feel }))
  if (world.draining) found.push(look('seen, drained', 0, { ...world, draining: null }))
  for (const slot of [candidate, otherSlot(candidate)]) found.push(...changes(world, slot, look))
  return [...found, { how: 'nothing seen', cost: 1, world, result: ok({ type: 'world', world: blind }) }]
}

function changes(
  world: ModelWorld,
  slot: Slot,
  look: (how: string, cost: 0 | 1, next: ModelWorld) => Outcome,
): readonly Outcome[] {
  const held = world.slots[slot]
  if (!held || held.condition === 'crashed') return []
  if (held.condition === 'starting')
    return [look(`${slot} became ready`, 0, put(world, slot, { ...held, condition: 'ready' }))]
  const restarts = held.restarts + 1
  return [
    look(`${slot} has crashed`, 1, put(world, slot, { ...held, condition: 'crashed', restarts })),
    look(`${slot} exited and came back`, 1, put(world, slot, { ...held, restarts })),
    look(`${slot} lost readiness`, 1, put(world, slot, { ...held, condition: 'starting' })),
  ]
}
