import assert from 'node:assert/strict'
import { it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import type { ObservedSlot } from '../observed.ts'
import { after } from '../time.ts'
import { decide } from './decide.ts'
import type { Recorded } from './events.ts'
import { evolve } from './evolve.ts'
import { candidateOf, type RolloutState } from './state.ts'

it('a candidate that was slow to become ready before it had users is no unready one afterwards', () => {
  const world = simulate({ builds: { v1: {}, v2: {} } })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  const starting = world.run((state) => candidateOf(state, 'api') !== null)
  const seen = candidateOf(starting, 'api')!.value
  const unready = looks(starting, { ...seen, ready: 0 }, 5)
  assert.equal(unready.unreadyLooks, 0)
  const exposed = world.run((state) => state.exposed)
  assert.equal(looks(exposed, { ...seen, ready: 0 }, 2).unreadyLooks, 2)
})

it("the log folds to the state that was decided, though a session's clock was a little behind", () => {
  const world = simulate({ builds: { v1: {}, v2: {} } })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  const state = world.run((seen) => seen.status === 'running')
  const now = after(state.lastAt, -20)
  const { events, state: decided } = decide(
    state,
    { type: 'pause', by: { id: 'person:kim', roles: [] }, reason: '' },
    now,
  )
  assert.ok(events.length > 0)
  // The store writes its own clock, whatever `decide` made of it.
  const folded = events.map((event) => ({ ...event, at: now })).reduce<RolloutState>(evolve, state)
  assert.deepEqual(folded, decided)
})

it('what is pending stands in order of issue, and a message that was sent leaves nothing behind', () => {
  const world = simulate({ builds: { v1: {}, v2: {} } })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  const state = world.run(({ pending }) => pending.length > 1)
  const keys = state.pending.map(({ key }) => Number(key))
  assert.deepEqual(
    keys,
    keys.toSorted((left, right) => left - right),
  )
  const message = state.pending.find(({ command }) => command.type === 'Notify')!
  const answer = { type: 'done', detail: '' } as const
  const input = { type: 'command-finished', key: message.key, result: { ok: true, answer } } as const
  const sent = decide(state, input, state.lastAt).state
  assert.deepEqual(
    sent.pending,
    state.pending.filter((each) => each !== message),
  )
  assert.deepEqual(sent.done, state.done)
})

/** `times` looks in a row at which the candidate of `api` was as `observed`. */
function looks(from: RolloutState, observed: ObservedSlot, times: number): RolloutState {
  let state = from
  for (let look = 1; look <= times; look += 1) {
    const data = { key: null, slots: { api: { [from.candidateSlot]: observed } }, routes: {}, failures: [] }
    const at = after(from.lastAt, look * 1000)
    state = evolve(state, { type: 'WorldObserved', data, version: state.version + 1, at, actor: 'system' } as Recorded)
  }
  return state
}
