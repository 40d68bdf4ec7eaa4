/** Incidents from the event that opens them to the note that closes them, on the real engine and a virtual clock. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Actor } from '../../src/core/rollout/inputs.ts'
import type { OnceKey } from '../../src/ports/identity.ts'
import { engineWorld } from './world.ts'

const alex: Actor = { id: 'person:alex', roles: [], token: 'tok_1' }
const kim: Actor = { id: 'person:kim', roles: [] }
const once = (key: string, fingerprint = key): OnceKey => ({ owner: alex.id, key, fingerprint })

/** v2 fails as soon as it has users, and is rolled back. */
async function rolledBack() {
  const bad = { errorRate: 0.5, medianMs: 20, sigma: 0.3, frozen: false }
  const calm = { ...bad, errorRate: 0 }
  const world = await engineWorld({ traffic: { blue: calm, green: bad } })
  await world.end(await world.release('v1'))
  const id = await world.release('v2')
  assert.equal((await world.end(id)).phase, 'rolled-back')
  const [incident] = await world.controlPlane.incidents({ isOpen: true })
  assert.ok(incident)
  return { ...world, id, incident }
}

describe('an incident of a rollback', () => {
  it('is opened in the transaction of the event that demands the rollback, and its order is answered there', async () => {
    const { store, id, incident } = await rolledBack()
    const log = await store.readAll(0, 10_000)
    const opened = log.find(({ type }) => type === 'IncidentOpened')
    const trigger = log.find(({ type }) => type === 'RollbackTriggered')
    assert.ok(opened && trigger)
    assert.deepEqual([opened.stream, opened.at], [incident.id, trigger.at])
    const orders = log.filter(({ type, data }) => type === 'CommandIssued' && commandIn(data).type === 'OpenIncident')
    assert.equal(orders.length, 1)
    const answer = log.find(({ type, data }) => type === 'CommandDone' && keyIn(data) === String(orders[0]!.version))
    assert.deepEqual([answer?.stream, answer?.at], [id, trigger.at])
    const { service, environment, rollout, version, priority, phase } = incident
    assert.deepEqual(
      { service, environment, rollout, version, priority, phase },
      { service: 'shop', environment: 'prod', rollout: id, version: 'v2', priority: 'P2', phase: 'open' },
    )
  })

  it('is shown by status until it is resolved', async () => {
    const { controlPlane, incident } = await rolledBack()
    const shown = async () => (await controlPlane.status({}))[0]!.incidents.map(({ id, phase }) => [id, phase])
    assert.deepEqual(await shown(), [[incident.id, 'open']])
    await controlPlane.intendIncident(incident.id, { type: 'acknowledge' }, alex)
    assert.deepEqual(await shown(), [[incident.id, 'acknowledged']])
    await controlPlane.intendIncident(incident.id, { type: 'resolve', note: 'fixed in v3' }, kim)
    assert.deepEqual(await shown(), [])
    assert.deepEqual(await controlPlane.incidents({ isOpen: true }), [])
    assert.deepEqual(
      (await controlPlane.incidents({ environment: 'prod' })).map(({ phase }) => phase),
      ['resolved'],
    )
    assert.deepEqual(await controlPlane.incidents({ environment: 'stage' }), [])
  })

  it('is acknowledged once, whoever does it again, and the log names the person and the token', async () => {
    const { controlPlane, store, incident } = await rolledBack()
    const first = await controlPlane.intendIncident(incident.id, { type: 'acknowledge' }, alex)
    const second = await controlPlane.intendIncident(incident.id, { type: 'acknowledge' }, kim)
    assert.ok(first.ok && second.ok)
    assert.deepEqual(second.value, first.value)
    const events = (await store.read(incident.id)).map(({ type, actor, token }) => [type, actor, token])
    assert.deepEqual(events, [
      ['IncidentOpened', 'system', undefined],
      ['IncidentAcknowledged', alex.id, 'tok_1'],
    ])
  })

  it('answers a repeated request as the first, and refuses its key for another', async () => {
    const { controlPlane, store, incident } = await rolledBack()
    const resolve = (note: string, key: OnceKey) =>
      controlPlane.intendIncident(incident.id, { type: 'resolve', note }, alex, key)
    const first = await resolve('fixed', once('k1'))
    assert.deepEqual(await resolve('fixed', once('k1')), first)
    assert.equal((await store.read(incident.id)).length, 2)
    const other = await resolve('other', once('k1', 'another'))
    assert.ok(!other.ok && other.kind === 'invalid')
  })

  it('is not resolved twice, since the second note would be lost', async () => {
    const { controlPlane, incident } = await rolledBack()
    await controlPlane.intendIncident(incident.id, { type: 'resolve', note: 'fixed' }, kim)
    const again = await controlPlane.intendIncident(incident.id, { type: 'resolve', note: 'really' }, alex)
    assert.ok(!again.ok && again.kind === 'conflict')
    assert.match(again.message, /it was already resolved, by person:kim: fixed/)
  })

  it('that nobody knows, or that is a rollout, is not found', async () => {
    const { controlPlane, id } = await rolledBack()
    for (const named of ['incident-shop-prod-9-1', id]) {
      const found = await controlPlane.incident(named)
      const asked = await controlPlane.intendIncident(named, { type: 'acknowledge' }, alex)
      assert.ok(!found.ok && found.kind === 'not-found' && !asked.ok && asked.kind === 'not-found')
    }
  })
})

describe('an incident whose stream cannot be read', () => {
  it('holds up no rollback: its order goes by a job, and is tried again', async () => {
    const world = await engineWorld()
    await world.end(await world.release('v1'))
    const id = await world.release('v2')
    await world.until(id, (phase) => phase === 'holding')
    const now = world.clock.now()
    // A rollback that is triggered at this moment opens the incident of this name.
    await world.store.transact((tx) =>
      tx.append(`incident-${id}-${now}`, 0, [{ type: 'Nonsense', data: {}, actor: 'system' }]),
    )
    await world.controlPlane.intend(id, { type: 'roll-back', reason: 'slow', cause: 'person' }, kim)
    assert.equal((await world.end(id)).phase, 'rolled-back')
    const failed = (await world.store.read(id)).filter(({ type }) => type === 'CommandFailed')
    assert.ok(failed.length > 0)
    assert.match(JSON.stringify(failed[0]!.data), /incident|stream/)
  })
})

function commandIn(data: unknown): { readonly type: string } {
  return (data as { readonly command: { readonly type: string } }).command
}

function keyIn(data: unknown): string {
  return (data as { readonly key: string }).key
}
