import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import { after } from '../time.ts'
import { currentStep } from './state.ts'
import { viewOf } from './view.ts'

function holding(forMs: number) {
  const world = simulate({ builds: { v1: {}, v2: {} } })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  world.run((state) => currentStep(state)?.kind === 'hold')
  const since = world.now()
  return { state: world.run((state) => state.lastAt >= after(since, forMs)), now: world.now() }
}

describe('a rollout that holds', () => {
  it('is shown with the numbers of this moment, also when no outcome changed since the step began', () => {
    const requests = [6000, 9000].map((forMs) => {
      const { state, now } = holding(forMs)
      const text = viewOf(state, now).verdicts.find(({ rule }) => rule.startsWith('evidence'))?.text ?? ''
      return Number(/(\d+) requests/.exec(text)?.[1])
    })
    const [early = 0, late = 0] = requests
    assert.ok(early > 0 && late > early, `${requests}`)
  })
})

describe('a release at its gates', () => {
  it('says which version it found, since it has not looked yet', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } })
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    const state = world.run((each) => currentStep(each)?.kind === 'gates', 1)
    assert.deepEqual(
      viewOf(state, world.now()).serving.map(({ text }) => text),
      ['v1, last seen before this release'],
    )
  })
})
