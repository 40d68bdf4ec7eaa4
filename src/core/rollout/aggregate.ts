/** Rollouts as the engine runs them, and what follows from their events beyond their own stream. */
import type { Aggregate, Given, Order } from '../aggregate.ts'
import { adoption } from '../policy/adoption.ts'
import { decide, type Issued, issued } from './decide.ts'
import { nextDue } from './time-shift.ts'
import { changeOf } from './environment.ts'
import type { Recorded } from './events.ts'
import { evolve } from './evolve.ts'
import { opening } from './incident.ts'
import type { Input } from './inputs.ts'
import { inTodaysWords } from './readers.ts'
import { isFinal, type RolloutState } from './state.ts'
import { phaseOf } from './view.ts'

export const rollouts: Aggregate<RolloutState, Input, Recorded> = {
  kind: 'rollout',
  begins: { input: 'request-rollout', event: 'RolloutRequested' },
  format: 7,
  decide,
  evolve: (state, event) => evolve(state, inTodaysWords(event)),
  due: nextDue,
  listed(state) {
    const { service, environment, artifact } = state.plan
    return { service, environment, version: artifact.version, phase: phaseOf(state), final: isFinal(state) }
  },
  unanswered: ({ pending }) => pending.map(orderOf),
  effects(before, { state, events }) {
    const orders = events.flatMap(issued).map((order) => carriedOut(state, order))
    const adopted = adoption(before, state, events[0])
    return [...orders, changeOf(before, state), adopted].filter((effect) => effect !== null)
  },
}

function orderOf({ key, command, due }: Pick<Issued, 'key' | 'command' | 'due'>): Order {
  return { type: 'order', queue: command.type === 'Notify' ? 'notify' : 'command', key, due }
}

/** An incident is opened by its own stream. */
function carriedOut(state: RolloutState, issued: Issued): Order | Given {
  const { key, command, due } = issued
  const order = orderOf(issued)
  // One that failed before waits, as every order does.
  if (command.type !== 'OpenIncident' || due > state.lastAt) return order
  const input = opening(state, command)
  const answer: Input = { type: 'command-finished', key, result: done(input.id) }
  return { type: 'input', kind: 'incident', stream: input.id, input, of: { order, answer } }
}

function done(detail: string) {
  return { ok: true, answer: { type: 'done', detail } } as const
}
