/** A log that cannot be trusted is no quiet matter: people are called where something serves, once, and told of its end. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { systemClock } from '../../src/composition/clock.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { planFor } from '../../src/testing/plans.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { ALEX, forgedApproval, forgeIn, type House, type Opening, openHouse } from './trust-world.ts'

const MIA_ACCEPTS = { by: 'person:mia', reason: 'it was a drill' }

describe('a log that is no longer trusted', () => {
  let folder = ''
  let database: TestDatabase
  let house: House
  const outside = () => fakeOutside({ now: () => systemClock.now() })
  let world = outside()

  beforeEach(async () => {
    folder = await temporaryFolder('told')
    database = await testDatabase()
    world = outside()
    house = await open()
  })
  afterEach(async () => {
    await house.stop()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (opening: Partial<Opening> = {}) =>
    openHouse({ connectionString: database.connectionString, dataFolder: folder, adapters: world.adapters, ...opening })

  async function reopen(opening: Partial<Opening> = {}): Promise<void> {
    await house.stop()
    house = await open(opening)
  }

  const isDoubted = async () => {
    await house.trust.look()
    return house.trust.guard.doubts()
  }

  /** A release of v1 is live, one of v2 waits for mia. */
  async function waiting(): Promise<string> {
    const ids: string[] = []
    for (const [version, phase] of [
      ['v1', 'finalized'],
      ['v2', 'approvals'],
    ] as const) {
      const artifact = { ...planFor().artifact, version }
      const spec = { text: '', file: '', folder: '' }
      const asked = await house.controlPlane.request({ spec, environment: 'prod', artifact, flags: {} }, ALEX, null)
      assert.ok(asked.ok)
      const { id } = asked.value
      const isThere = async () => {
        const seen = await house.controlPlane.rollout(id)
        return seen.ok && seen.value.phase === phase
      }
      await until(`${version} is ${phase}`, isThere, { timeoutMs: 20_000 })
      ids.push(id)
    }
    return ids[1]!
  }

  it('is told once, with what serves, what stopped and what to do; again when the log was accepted', async () => {
    const id = await waiting()
    const told = () => world.messages.filter(({ event }) => event === 'log-doubted')
    const count = (many: number) => until(`${many} are told`, () => told().length >= many, { timeoutMs: 20_000 })
    await house.trust.sign()
    await forgeIn(house.store, database.connectionString, { id, type: 'Approved', data: forgedApproval })
    await until('it is doubted', isDoubted, { timeoutMs: 20_000 })
    await count(1)
    const { priority, title, text, serving } = told()[0]!
    assert.equal(priority, 'P1')
    assert.match(title, /^shop v2 in prod: Stellwerk no longer trusts its log/)
    assert.match(text, /Approved in shop-prod-2\) was not written by the control plane/)
    assert.match(text, /no release begins; this one is held where it is/)
    assert.match(text, /`stellwerk audit verify`.*`stellwerk up --accept-log REASON --by PERSON`/)
    assert.match(serving, /v1/)
    const incidents = () => house.store.list({ kind: 'incident' })
    await until('an incident is open', async () => (await incidents()).length > 0, { timeoutMs: 20_000 })
    await reopen()
    assert.notEqual(house.trust.guard.doubts(), null, 'it is doubted after a restart as well')
    await reopen({ accept: MIA_ACCEPTS })
    await count(2)
    const [, again, ...more] = told()
    assert.equal(again?.priority, 'info')
    assert.match(again?.title ?? '', /trusts its log again/)
    assert.deepEqual([more.length, (await incidents()).length], [0, 1])
  })

  it('is accepted by somebody, for a reason: both stand in the log, signed; where nothing is to be accepted that is refused', async () => {
    const id = await waiting()
    await house.trust.sign()
    await assert.rejects(reopen({ accept: MIA_ACCEPTS }), /nothing to accept: the log agrees with its checkpoints/)
    house = await open()
    assert.deepEqual(await house.store.read('log'), [])
    await forgeIn(house.store, database.connectionString, { id, type: 'Approved', data: forgedApproval })
    await until('it is doubted', isDoubted, { timeoutMs: 20_000 })
    const events = await house.store.size()
    await reopen({ accept: MIA_ACCEPTS })
    const [accepted, ...more] = await house.store.read('log')
    assert.deepEqual([accepted?.type, accepted?.actor, more.length], ['LogAccepted', 'person:mia', 0])
    const data = accepted?.data as { readonly reason: string; readonly why: string; readonly events: number }
    assert.equal(data.reason, 'it was a drill')
    assert.match(data.why, /was not written by the control plane/)
    assert.ok(data.events >= events && data.events < accepted!.position, `${data.events} of ${accepted!.position}`)
    await house.trust.sign()
    const report = await house.controlPlane.verifyAudit()
    assert.equal(report.verdict, 'intact', JSON.stringify(report.problems))
    assert.match(report.unproven.join(), new RegExp(`events 1 to ${data.events} .* accepted as they were, by name`))
    await reopen()
    assert.equal(house.trust.guard.doubts(), null)
  })
})
