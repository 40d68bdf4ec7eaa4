/**
 * Everything that may become of one command: it works, it fails in each of the ways of a port, its effect happens although
 * the answer says otherwise or never comes. The usual answer is free; whatever else happens costs one surprise.
 */
import type { Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { CommandAnswer } from '../../core/rollout/inputs.ts'
import type { Verdict } from '../../core/verdict.ts'
import { type Asked, looks, type Outcome, type Result, type Surprise } from './looks.ts'
import { leave, putSide, sideEffect, sideRouteSeen, sideSlotSeen } from './sides.ts'
import { occupant, put, routeSeen, slotSeen } from './world.ts'
import type { ModelWorld } from './world-state.ts'

export function outcomesOf(world: ModelWorld, asked: Asked): readonly Outcome[] {
  switch (asked.command.type) {
    case 'CheckGate':
      return [...verdicts(world, asked), ...failures(asked, world, world)]
    case 'RunSmoke':
      return [...smokes(world), ...failures(asked, world, world)]
    case 'Observe':
      return [...looks(world, asked), ...failures(asked, world, world)]
    case 'Notify':
      return [{ how: 'done', cost: 0, world, result: ok({ type: 'done', detail: '' }) }]
    case 'EnsureSlot':
    case 'StopSlot':
    case 'SetRoute':
      return asked.command.component === 'api' ? moved(world, asked) : sideMoved(world, asked)
    case 'RemoveRoute':
      return sideMoved(world, asked)
    default:
      return [
        { how: 'done', cost: 0, world, result: ok({ type: 'done', detail: '' }) },
        ...failures(asked, world, world),
      ]
  }
}

function ok(answer: CommandAnswer): Result {
  return { ok: true, answer }
}

const TRANSIENT: Result = { ok: false, kind: 'transient', message: 'refused for now' }
const PERMANENT: Result = { ok: false, kind: 'permanent', message: 'never' }
const UNKNOWN: Result = { ok: false, kind: 'unknown', message: 'timed out' }

function says(answers: Surprise<'answer'>['answers']): Surprise {
  return { is: 'answer', answers }
}

/** `done` is the world in which the command happened although nobody was told so. */
function failures({ command }: Asked, world: ModelWorld, done: ModelWorld): readonly Outcome[] {
  const all: Outcome[] = [
    { how: 'transient', surprise: says('transient'), cost: 1, world, result: TRANSIENT },
    { how: 'permanent', surprise: says('permanent'), cost: 1, world, result: PERMANENT },
    { how: 'unknown, not done', surprise: says('unknown'), cost: 1, world, result: UNKNOWN },
  ]
  if (done === world) return all
  const surprise = { is: 'lost', command } as const
  return [
    ...all,
    { how: 'unknown, but done', surprise, cost: 1, world: done, result: UNKNOWN },
    { how: 'done, answer lost', surprise, cost: 1, world: done, result: null },
  ]
}

/** Orders that change the world. */
function moved(world: ModelWorld, asked: Asked): readonly Outcome[] {
  const changed = effect(world, asked)
  // The candidate's last requests always take a while: until a look finds them ended.
  const done =
    changed && leftBy(world, changed) === asked.candidate ? { ...changed, draining: asked.candidate } : changed
  if (done === null) return [{ how: 'refused', cost: 0, world, result: PERMANENT }]
  const stray = { ...world, stray: { command: asked.command, key: asked.key } }
  const late: Outcome[] =
    asked.command.type === 'EnsureSlot' || world.stray
      ? []
      : [{ how: 'lost, takes effect later', cost: 1, world: stray, result: UNKNOWN }]
  return [
    { how: 'ok', cost: 0, world: done, result: ok(seen(done, asked.command)) },
    ...variations(world, done, asked),
    ...failures(asked, world, done),
    ...late,
  ]
}

/** The same of a component beside `api`, without what would only multiply it: requests in flight, effects that come late. */
function sideMoved(world: ModelWorld, asked: Asked): readonly Outcome[] {
  const { command } = asked
  const done = effect(world, asked)
  if (done === null) return [{ how: 'refused', cost: 0, world, result: PERMANENT }]
  const usual: Outcome[] = [
    { how: 'ok', cost: 0, world: done, result: ok(seen(done, command)) },
    ...failures(asked, world, done),
  ]
  const held = command.type === 'EnsureSlot' ? done.sides[command.component]?.slots[command.slot] : null
  if (!held || command.type !== 'EnsureSlot') return usual
  const slow = putSide(done, command.component, command.slot, { ...held, condition: 'starting' })
  const cost = command.slot === asked.candidate ? 1 : 0
  return [
    ...usual,
    { how: 'ok, starts slowly', surprise: { is: 'slow' }, cost, world: slow, result: ok(seen(slow, command)) },
  ]
}

/** Answers that are true and yet not what one hopes for. */
function variations(world: ModelWorld, done: ModelWorld, { command, candidate }: Asked): readonly Outcome[] {
  if (command.type === 'EnsureSlot') {
    const held = done.slots[command.slot]
    const slow = put(done, command.slot, held && { ...held, condition: 'starting' })
    // What is started again in a hurry is never ready at once.
    const cost = command.slot === candidate ? 1 : 0
    return [{ how: 'ok, starts slowly', surprise: { is: 'slow' }, cost, world: slow, result: ok(seen(slow, command)) }]
  }
  if (command.type !== 'SetRoute') return []
  const late = { how: 'ok, not in force yet', surprise: says('ignored'), cost: 1 } as const
  const behind: Outcome = { ...late, world: done, result: ok(seen(world, command)) }
  const left = leftBy(world, done)
  if (left === null || left === candidate) return [behind]
  const busy = { ...done, draining: left }
  return [behind, { how: 'ok, requests still in flight', cost: 1, world: busy, result: ok(seen(busy, command)) }]
}

/** The slot that gets nobody new from now on. */
function leftBy(world: ModelWorld, done: ModelWorld): Slot | null {
  return (['blue', 'green'] as const).find((slot) => world.weights[slot] > 0 && done.weights[slot] === 0) ?? null
}

function seen(world: ModelWorld, command: Command): CommandAnswer {
  if (command.type === 'SetRoute' || command.type === 'RemoveRoute') {
    const { component } = command
    const observed = component === 'api' ? routeSeen(world) : sideRouteSeen(world, component)
    return { type: 'route', component, observed }
  }
  if (command.type !== 'EnsureSlot' && command.type !== 'StopSlot') throw new Error(`${command.type} shows nothing`)
  const { component, slot } = command
  const observed = component === 'api' ? slotSeen(world, slot) : sideSlotSeen(world, component, slot)
  return { type: 'slot', component, slot, observed }
}

/** What the command makes of the world; null where the adapter refuses it: another occupant, a smaller fencing number. */
export function effect(world: ModelWorld, { command, key }: Pick<Asked, 'command' | 'key'>): ModelWorld | null {
  const beside = sideEffect(world, { command, key })
  if (beside !== undefined) return beside
  if (command.type === 'SetRoute') return routed(world, command, key)
  if (command.type !== 'EnsureSlot' && command.type !== 'StopSlot') return world
  const held = world.slots[command.slot]
  if (held && held.release !== command.release) return null
  if (command.type === 'StopSlot') return put({ ...world, draining: null }, command.slot, null)
  if (held && held.condition !== 'crashed') return world
  return put(world, command.slot, { ...occupant(command.release), restarts: held?.restarts ?? 0 })
}

function routed(world: ModelWorld, command: Command<'SetRoute'>, key: string): ModelWorld | null {
  if (Number(key) < world.generation) return null
  const { weights, upstreams, maintenance } = command.route
  const { own, previous } = world.layout
  const address = (command.as === 'previous' ? previous : own)['api'] ?? ''
  const free = leave(world, address, 'api')
  return { ...free, address, weights, upstreams, maintenance, generation: Number(key), draining: null }
}

function verdicts(world: ModelWorld, { command, at }: Asked): readonly Outcome[] {
  const rule = command.type === 'CheckGate' ? command.gate : ''
  return (['pass', 'fail', 'no-evidence'] as const).map((outcome): Outcome => {
    const verdict: Verdict = { rule, outcome, expected: '', actual: '', source: 'model', observedAt: at, text: outcome }
    const told = { how: outcome, world, result: ok({ type: 'gate', verdict }) }
    return outcome === 'pass' ? { ...told, cost: 0 } : { ...told, cost: 1, surprise: { is: 'verdict', outcome } }
  })
}

function smokes(world: ModelWorld): readonly Outcome[] {
  return [true, false].map((passed): Outcome => {
    const check = { name: 'home', url: '/', passed, expected: '200', actual: passed ? '200' : '500', durationMs: 1 }
    const report = { passed, checks: [check] }
    const result = ok({ type: 'smoke', report })
    if (passed) return { how: 'pass', cost: 0, world, result }
    return { how: 'fail', surprise: { is: 'smoke' }, cost: 1, world, result }
  })
}
