/** The swarm's judge of law L2 finds a row that the log does not make; else it would hold anything for made from the log. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { factsOf, load } from '../../src/engine/streams.ts'
import { unlikeLog } from '../../src/rehearsal/swarm/beside-log.ts'
import { engineWorld } from './world.ts'

it('a row that its events do not make is found: its state, when it is due, what is listed, who holds the environment', async () => {
  const world = await engineWorld()
  const id = await world.release('v1')
  await world.end(id)
  assert.deepEqual(await unlikeLog(world.store), [])
  await world.store.transact(async (tx) => {
    const row = (await tx.lock(id))!
    const facts = {
      kind: 'rollout',
      service: 'shop',
      environment: 'prod',
      version: 'v9',
      phase: 'x',
      final: true,
    } as const
    await tx.saveStream({ ...row, state: { changed: true }, nextDue: tx.now() }, facts)
    await tx.saveEnvironment({ ...(await tx.lockEnvironment('shop', 'prod')), holder: id })
  })
  const found = (await unlikeLog(world.store)).map((text) => text.replaceAll(/ \d+|: \[.*/g, ''))
  assert.deepEqual(found, [
    `the state of ${id} is not what its events fold to`,
    `${id} is due at, by its events at null`,
    `what is listed of ${id} does not follow from its events`,
    'the row of shop prod is not what the log makes',
  ])
})

it('a state that another version of us has folded is not used: it is folded again from the log', async () => {
  const world = await engineWorld()
  const id = await world.release('v1')
  await world.end(id)
  const state = (await load(rollouts, world.store, id))!
  const other = { kind: 'rollout', format: rollouts.format + 1, state: { status: 'unknown' } }
  await world.store.transact(async (tx) =>
    tx.saveStream({ ...(await tx.lock(id))!, state: other }, factsOf(rollouts, state)),
  )
  assert.equal((await load(rollouts, world.store, id))?.status, 'finalized')
})
