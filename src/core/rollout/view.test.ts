import { english } from '../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import { after } from '../time.ts'
import { currentStep, slotOf } from './state.ts'
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

describe('a candidate that does not become ready', () => {
  const why = 'GET /readyness: 404 "Cannot GET /readyness"'

  function deploying(unready: string) {
    const world = simulate({ builds: { v1: {}, v2: { readyAfterMs: null, unready } } })
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    const state = world.run((each) => (slotOf(each, 'api', 'green')?.value.present ?? false) && each.pending.length > 0)
    return { world, state }
  }

  it('says in what it waits for, and beside its slot, what it last answered', () => {
    const { world, state } = deploying(why)
    const view = viewOf(state, world.now())
    assert.equal(view.waiting?.for, `api to be ready (0 of 2 ready: ${why})`)
    const { said } = view.waiting
    assert.deepEqual([english(said.for), english(said.then)], [view.waiting.for, view.waiting.then])
    assert.equal(view.serving[0]?.slots.find(({ slot }) => slot === 'green')?.unready, why)
  })

  it('ends with that answer in its reason', () => {
    const { world } = deploying(why)
    assert.ok(world.run().ending?.reason.includes(`0 of 2 instances of api were ready in time; ${why}`))
  })
})
