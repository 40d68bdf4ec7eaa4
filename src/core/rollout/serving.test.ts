import { english } from '../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import type { RoutePart } from '../parts.ts'
import { allDifferences, serving, servingText } from './serving.ts'
import type { RolloutState } from './state.ts'

const NEW: RoutePart = { id: 'new', candidate: 'new', live: null, moves: false, late: true }
const OLD: RoutePart = { id: 'old', candidate: null, live: 'old', moves: false, late: false }
const OFF = { blue: 0, green: 0 }

function ended(errorRate: number): RolloutState {
  const world = simulate({ builds: { v1: {}, v2: { errorRate: () => errorRate } } })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  return world.run(undefined, 20_000)
}

/** As one more route was last seen and ordered; `generation` 0 is one that the router does not have. */
function withRoute(state: RolloutState, part: RoutePart, generation: number): RolloutState {
  const value = { ...state.routes['api']!.value, weights: OFF, maintenance: generation > 0, generation }
  return {
    ...state,
    parts: { ...state.parts, routes: [...state.parts.routes, part] },
    routes: { ...state.routes, [part.id]: { ...state.routes['api']!, value } },
    desired: { ...state.desired, [part.id]: OFF },
  }
}

describe('what serves at the end', () => {
  for (const [what, errorRate, part] of [
    ['a route that only the release taken back had, whose address another one has again', 0.5, NEW],
    ['a route that the release in force took away', 0, OLD],
  ] as const) {
    it(`is silent about ${what}`, () => {
      const state = withRoute(ended(errorRate), part, 0)
      assert.deepEqual(
        serving(state).map(({ component }) => component),
        ['api'],
      )
      assert.deepEqual(
        allDifferences(state).filter(({ what }) => what === part.id),
        [],
      )
      assert.doesNotMatch(english(servingText(state)), new RegExp(part.id))
    })

    it(`names it as long as it is there: ${what}`, () => {
      const seen = serving(withRoute(ended(errorRate), part, 7))
      assert.deepEqual(
        seen.map(({ component }) => component),
        ['api', part.id],
      )
    })
  }
})
