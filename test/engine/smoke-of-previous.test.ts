/** After a rollback the engine runs the checks of the release that users are back on, as its own plan in the log has them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../src/core/plan.ts'
import { perform } from '../../src/engine/perform.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { load } from '../../src/engine/streams.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { ok } from '../../src/ports/result.ts'
import { planFor } from '../../src/testing/plans.ts'
import { engineWorld } from './world.ts'

const [home] = planFor().smoke
const checks = (...paths: readonly string[]): Plan['smoke'] => paths.map((path) => ({ ...home!, name: path, path }))
const kim = { id: 'person:kim', roles: ['release-captain'] }

/** v1, then v2; every run of checks is written down and passes. */
async function twoReleases(v1: Plan['smoke'], v2: Plan['smoke']) {
  const ran: (readonly string[])[] = []
  const wrap = (adapters: Adapters): Adapters => ({
    ...adapters,
    smoke: () => ({
      run: async ({ checks: asked }) => {
        ran.push(asked.map(({ path }) => path))
        const passed = { url: '', passed: true, expected: '', actual: '', durationMs: 1 }
        return ok({ passed: true, checks: asked.map(({ name }) => ({ name, ...passed })) })
      },
    }),
  })
  const world = await engineWorld({ wrap })
  const { store, clock, engine } = world
  const shell = { adapters: wrap(world.outside.adapters), store, clock, give: engine.give }
  const first = await world.release('v1', { smoke: v1 })
  await world.end(first)
  const second = await world.release('v2', { smoke: v2 })
  assert.equal((await world.end(second)).phase, 'finalized')
  const state = (await load(rollouts, store, second))!
  const live = (release: string) =>
    perform(
      shell,
      state,
      { type: 'RunSmoke', target: 'live', release },
      { key: '1', fence: 1, signal: new AbortController().signal },
    )
  return { ...world, ran, first, second, live }
}

describe('smoke tests after a rollback', () => {
  it('are those in the plan of the previous release, and none of the new one', async () => {
    const { ran, second, controlPlane, until } = await twoReleases(checks('/old'), checks('/new', '/newer'))
    assert.deepEqual(ran, [['/old'], ['/old'], ['/new', '/newer'], ['/new', '/newer']])
    const asked = await controlPlane.intend(second, { type: 'roll-back', reason: 'as a test', cause: 'person' }, kim)
    assert.ok(asked.ok, JSON.stringify(asked))
    const end = await until(second, (phase) => ['rolled-back', 'needs-human'].includes(phase))
    assert.equal(end.phase, 'rolled-back')
    assert.deepEqual(ran.at(-1), ['/old'])
    assert.equal(ran.length, 5)
  })

  it('are not passed where nobody knows them, or there are none: both are said', async () => {
    const { live } = await twoReleases(checks('/old'), checks('/new'))
    const unknown = await live('shop-prod-9')
    assert.ok(!unknown.ok && unknown.kind === 'permanent')
    assert.match(unknown.message, /the log of shop-prod-9, which users are back on, is not there, so its smoke checks/)
    const bare = await twoReleases([], checks('/new'))
    const none = await bare.live(bare.first)
    assert.ok(!none.ok && none.kind === 'permanent')
    assert.match(none.message, /shop-prod-1, which users are back on, has no smoke test: nothing tested is not passed/)
  })
})
