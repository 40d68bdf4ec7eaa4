/** What rehearsals have found, each as the smallest case that shows it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY_SLOT, type ObservedRoute } from '../observed.ts'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import { instant, type Instant } from '../time.ts'
import type { Command } from './commands.ts'
import { decide, type Decision } from './decide.ts'
import type { CommandAnswer } from './inputs.ts'
import type { RolloutState } from './state.ts'

const T0 = instant(1_000_000)

/** The moment at which `type` was ordered and nobody has performed it yet. */
function whenOrdered(type: Command['type']): { readonly state: RolloutState; readonly now: Instant } {
  const world = simulate(
    { builds: { v1: {}, v2: {} }, fault: (command) => (command.type === type ? 'lost' : null) },
    T0,
  )
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  const state = world.run(({ pending }) => Object.values(pending).some(({ command }) => command.type === type))
  return { state, now: world.now() }
}

/** Answers every order of `type` at once with `answer`, again and again; the pauses before each of the next ones. */
function pausesAfter(type: Command['type'], answer: CommandAnswer, times: number): readonly number[] {
  let { state, now } = whenOrdered(type)
  const pauses: number[] = []
  for (let count = 0; count < times; count += 1) {
    const { key, due } = state.pending.find(({ command }) => command.type === type)!
    now = instant(Math.max(now, due))
    const decision: Decision = decide(state, { type: 'command-finished', key, result: { ok: true, answer } }, now)
    const [next] = decision.commands.filter(({ command }) => command.type === type)
    assert.ok(next, `${type} is ordered again`)
    pauses.push(next.due - now)
    state = decision.state
  }
  return pauses
}

describe('given an adapter that says yes and changes nothing', () => {
  it('when a router goes on as before then it is asked again with growing pauses, not as fast as it answers', () => {
    const observed: ObservedRoute = {
      weights: { blue: 100, green: 0 },
      upstreams: { blue: ['blue:1', 'blue:2'], green: [] },
      inFlight: { blue: 0, green: 0 },
      maintenance: false,
      generation: 1,
      url: 'http://shop.test',
    }
    assert.deepEqual(pausesAfter('SetRoute', { type: 'route', component: 'api', observed }, 4), [250, 500, 1000, 2000])
  })

  it('when a platform starts nothing then it is asked again with growing pauses', () => {
    const answer = { type: 'slot', component: 'api', slot: 'green', observed: EMPTY_SLOT } as const
    assert.deepEqual(pausesAfter('EnsureSlot', answer, 4), [250, 500, 1000, 2000])
  })
})
