/**
 * Somebody can write to the database (a leaked password, a superuser, a restored dump) and has neither the data folder nor its
 * key. He tries every table; nothing that he writes is taken for a fact, and what he changes in the log stops everything but
 * the way back.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { systemClock } from '../../src/composition/clock.ts'
import { checkpointsIn } from '../../src/core/audit/checkpoint-text.ts'
import { canonicalJson } from '../../src/core/json.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { CONTROL_PLANE } from '../../src/ports/identity.ts'
import { JOBS_SCHEMA } from '../../src/ports/sql.ts'
import { ExportSource } from '../../src/store/audit/export.ts'
import { leafFrame } from '../../src/store/event-data.ts'
import { storedEvent } from '../../src/store/postgres/rows.ts'
import { verifyLog } from '../../src/store/audit/verify.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { planFor } from '../../src/testing/plans.ts'
import { type TestDatabase, testDatabase, type TestRoles } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import {
  ALEX,
  appending,
  forgedApproval,
  forgeIn,
  type House,
  MIA,
  type Opening,
  openHouse,
  writeAs,
} from './trust-world.ts'

describe('whoever can write to the database, and has no key', () => {
  let folder = ''
  let database: TestDatabase
  let roles: TestRoles
  let house: House
  const outside = () => fakeOutside({ now: () => systemClock.now() })
  let world = outside()

  beforeEach(async () => {
    folder = await temporaryFolder('trust')
    database = await testDatabase()
    roles = await database.roles()
    world = outside()
    house = await open()
  })
  afterEach(async () => {
    await house.stop()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (opening: Partial<Opening> = {}) =>
    openHouse({ ...roles, dataFolder: folder, adapters: world.adapters, ...opening })

  async function reopen(opening: Partial<Opening> = {}): Promise<void> {
    await house.stop()
    house = await open(opening)
  }

  const write = (...statements: Parameters<typeof writeAs>[1]) => writeAs(database.connectionString, statements)

  async function request(version: string): Promise<string> {
    const artifact = { ...planFor().artifact, version }
    const spec = { text: '', file: '', folder: '' }
    const asked = await house.controlPlane.request({ spec, environment: 'prod', artifact, flags: {} }, ALEX, null)
    assert(asked.ok, JSON.stringify(asked))
    return asked.value.id
  }

  const phaseOf = async (id: string) => {
    const seen = await house.controlPlane.rollout(id)
    return seen.ok ? seen.value.phase : 'unknown'
  }
  const reaches = (id: string, phase: string) =>
    until(`${id} is ${phase}`, async () => (await phaseOf(id)) === phase, { timeoutMs: 20_000 })

  /** v1 is live, v2 waits for mia. */
  async function waiting(): Promise<string> {
    await reaches(await request('v1'), 'finalized')
    const id = await request('v2')
    await reaches(id, 'approvals')
    return id
  }

  /** Time for eight pumps and a sweep to have looked at it. */
  async function stays(id: string, phase: string): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await house.engine.give(rollouts, id, { type: 'tick' })
      await house.engine.follow(null as never)
      assert.equal(await phaseOf(id), phase)
    }
    const types = (await house.store.read(id)).filter(({ forged }) => !forged).map(({ type }) => type)
    assert(!types.includes('Finalized') && !types.includes('Approved'), types.join())
    assert.deepEqual(world.router.weights(), { blue: 100, green: 0 })
  }

  const forge = (id: string, type: string, data: object) =>
    forgeIn(house.store, database.connectionString, { id, type, data })

  const isHeld = () =>
    until('the log is no longer trusted', async () => {
      await house.trust.look()
      return house.trust.guard.doubts()
    })

  it('appends an approval, as the control plane would: it counts for nothing, and everything stops but the way back', async () => {
    const id = await waiting()
    await forge(id, 'Approved', forgedApproval)
    await stays(id, 'approvals')
    await isHeld()
    assert.match(house.trust.guard.doubts() ?? '', /Approved in shop-prod-2\) was not written by the control plane/)
    assert.equal(await house.trust.sign(), null)
    const report = await house.controlPlane.verifyAudit()
    assert.equal(report.verdict, 'not-intact')
    const more = await house.controlPlane.request({ artifact: { version: 'v3' } } as never, ALEX, null)
    const approval = await house.controlPlane.intend(
      id,
      { type: 'approve', approval: null, seen: { rollout: id, identity: 'v2', planHash: 'hash of v2' } },
      MIA,
    )
    for (const answer of [more, approval]) assert(!answer.ok && /the log cannot be trusted/.test(answer.message))
    const aborted = await house.controlPlane.intend(id, { type: 'abort', reason: 'somebody is in the database' }, MIA)
    assert(aborted.ok)
    await reaches(id, 'aborted')
    const [{ serving } = { serving: [] }] = await house.controlPlane.status({})
    assert.match(serving[0]?.alarm ?? '', /the log cannot be trusted, nothing advances/)
  })

  it('appends the end of the release: no release ends by that', async () => {
    const id = await waiting()
    await forge(id, 'Finalized', { slot: 'green', retireAt: 1 })
    await stays(id, 'approvals')
  })

  it('writes approvals into the kept state: it is folded again from the log', async () => {
    const id = await waiting()
    await write([
      `update stellwerk.streams set state = jsonb_set(state::jsonb, '{state,approvals}', $2::jsonb)::json where stream = $1`,
      id,
      JSON.stringify({ maintainer: { by: 'person:mia', expiresAt: 9_999_999_999_999 } }),
    ])
    await stays(id, 'approvals')
    assert.match(house.trust.guard.doubts() ?? '', /the state kept of shop-prod-2/)
  })

  it('takes the seals away with the state, or the state of another rollout: the same', async () => {
    const id = await waiting()
    await write(
      [
        `update stellwerk.streams set mac = null, state = replace(state::text, '"approvals":{}', '"approvals":{"x":1}')::json where stream = $1`,
        id,
      ], // prettier-ignore
    )
    await stays(id, 'approvals')
    await write([
      'update stellwerk.streams as own set state = other.state, mac = other.mac from stellwerk.streams as other where own.stream = $1 and other.stream = $2',
      id,
      'shop-prod-1',
    ]) // prettier-ignore
    await stays(id, 'approvals')
  })

  it('makes it due, puts jobs into the queue, empties the queue: nothing advances by that', async () => {
    const id = await waiting()
    const key = String((await house.store.row(id))?.version)
    await write(
      ['update stellwerk.streams set next_due = 0 where stream = $1', id],
      ...['command', 'notify', 'notify.dead'].map(
        (queue) =>
          [
            `insert into ${JOBS_SCHEMA}.job (name, data) values ($1, $2)`,
            queue,
            JSON.stringify({ stream: id, key }),
          ] as const,
      ),
    )
    await stays(id, 'approvals')
    assert.equal(house.trust.guard.doubts(), null)
  })

  it('rewrites the row of an environment, or takes it away: it is made again from the log', async () => {
    await reaches(await request('v1'), 'finalized')
    const before = await house.store.environment('shop', 'prod')
    const same = () =>
      until('the row is what it was', async () => {
        assert.deepEqual(await house.store.environment('shop', 'prod'), before)
        return true
      })
    const stable = { rollout: 'shop-prod-9', version: 'v9', identity: 'v9', slot: 'green' }
    await write([
      'update stellwerk.environments set facts = $1, holder = $2',
      JSON.stringify({ stable, rollouts: 9 }),
      'x',
    ])
    await same()
    await write(['update stellwerk.environments set mac = null, facts = $1', JSON.stringify({ stable, rollouts: 9 })])
    await same()
    await reopen()
    await write('delete from stellwerk.environments')
    const id = await request('v2')
    assert.equal(id, 'shop-prod-2')
    await reaches(id, 'approvals')
    assert.equal((await house.store.environment('shop', 'prod'))?.holder, id)
  })

  it('lifts a quarantine: what was rolled back stays barred', async () => {
    await reaches(await request('v1'), 'finalized')
    await house.store.transact(async (tx) => {
      const row = await tx.lockEnvironment('shop', 'prod')
      await tx.saveEnvironment({ ...row, facts: { ...(row.facts as object), barred: ['v2'] } })
    })
    await write('delete from stellwerk.quarantine')
    await reaches(await request('v2'), 'aborted')
  })

  it('makes himself a token, raises one, brings a revoked one back: none opens anything', async () => {
    const desired = { name: 'x', person: 'person:kim', roles: [], expiresAt: null }
    const issued = await house.tokens.issue({ ...desired, scopes: ['read'] }, CONTROL_PLANE)
    const revoked = await house.tokens.issue({ ...desired, scopes: ['deploy'] }, CONTROL_PLANE)
    assert(issued.ok && revoked.ok)
    await write('create table kept as select * from stellwerk.tokens')
    await house.tokens.revoke(revoked.value.token.id, CONTROL_PLANE)
    const secret = `stw_${'A'.repeat(43)}`
    const hash = createHash('sha256').update(secret).digest('hex')
    await write(
      [
        'insert into stellwerk.tokens select $1, $2, name, person, roles, array[$3], services, environments, created_at, expires_at, null, null, mac from stellwerk.tokens limit 1',
        'tok_own',
        hash,
        'admin',
      ], // prettier-ignore
      ['delete from stellwerk.tokens where id = $1', revoked.value.token.id],
      ['insert into stellwerk.tokens select * from kept where id = $1', revoked.value.token.id],
    )
    await reopen()
    assert.equal(await house.tokens.authenticate(secret), null)
    assert.equal(await house.tokens.authenticate(revoked.value.secret), null)
    assert.notEqual(await house.tokens.authenticate(issued.value.secret), null)
    await write(["update stellwerk.tokens set scopes = '{admin}' where id = $1", issued.value.token.id])
    await reopen()
    assert.equal(await house.tokens.authenticate(issued.value.secret), null)
    assert.match(house.trust.guard.doubts() ?? '', /token tok_\S+ was not written by the control plane/)
  })

  it('keeps an answer of his own under somebody’s key: it is not told', async () => {
    const once = { owner: 'person:alex', key: 'k1', fingerprint: 'f' }
    const answer = JSON.stringify({ ok: true, value: { id: 'shop-prod-666' } })
    await write([
      'insert into stellwerk.requests values ($1, $2, $3, $4, 1, null)',
      once.owner,
      once.key,
      once.fingerprint,
      answer,
    ]) // prettier-ignore
    assert.deepEqual(await house.store.recall(once), { kind: 'other' })
  })

  /** The newest `count` events are gone, and the head says that they never were. */
  async function cut(count: number): Promise<void> {
    const kept = (await house.store.size()) - count
    await write(
      ['delete from stellwerk.events where position > $1', kept],
      ['delete from stellwerk.checkpoints where size > $1', kept],
    )
    await remakeTree()
  }

  /** Every leaf and the head again, from what stands there now, just as the control plane makes them. */
  async function remakeTree(): Promise<void> {
    const { rows } = await house.store.sql(
      'select *, encode(mac, $1) as seal from stellwerk.events order by position',
      ['hex'],
    )
    const events = rows.map((row) => {
      const event = storedEvent(row)
      return { ...event, ...leafFrame(event), data: canonicalJson(event.data), mac: row['seal'] }
    })
    await write('delete from stellwerk.events', "update stellwerk.log_head set size = 0, frontier = '{}'", [
      'select stellwerk.append($1::json)',
      JSON.stringify(events),
    ])
  }

  it('cuts the newest events off, and the checkpoints with them: found at once, and at the next start', async () => {
    await reaches(await request('v1'), 'finalized')
    assert.notEqual(await house.trust.sign(), null)
    await cut(10)
    await isHeld()
    await reopen()
    assert.match(house.trust.guard.doubts() ?? '', /events were signed, and \d+ are there: removed/)
    assert.equal(await house.trust.sign(), null)
  })

  it('changes an event, makes the tree again, takes the checkpoints away: verify says so, also after a restart', async () => {
    await reaches(await request('v1'), 'finalized')
    await house.trust.sign()
    await write(
      `update stellwerk.events set data = jsonb_set(data, '{by}', '"person:nobody"') where position = 1`,
      'delete from stellwerk.checkpoints',
    )
    await remakeTree()
    await reopen()
    assert.match(house.trust.guard.doubts() ?? '', /are not those that were signed/)
    const report = await house.controlPlane.verifyAudit()
    assert.equal(report.ok, false)
    assert.match(
      report.problems.map(({ message }) => message).join('\n'),
      /audit\/checkpoints\.txt in the data folder: .*not those of the signed checkpoint/,
    )
    const more = await house.controlPlane.request({ artifact: { version: 'v3' } } as never, ALEX, null)
    assert(!more.ok && more.kind === 'unavailable')
  })

  it('sets the head back, or empties the log altogether: found', async () => {
    await reaches(await request('v1'), 'finalized')
    await house.trust.sign()
    await write("update stellwerk.log_head set frontier = array[sha256('x'::bytea)] || frontier[2:]")
    await isHeld()
    await write('delete from stellwerk.events', "update stellwerk.log_head set size = 0, frontier = '{}'")
    await reopen()
    assert.match(house.trust.guard.doubts() ?? '', /\d+ events were signed, and 0 are there/)
  })

  it('an anchored copy proves what was there, whatever was done to the database and the data folder', async () => {
    const anchor = join(folder, 'elsewhere.txt')
    await reopen({ anchors: [anchor] })
    await reaches(await request('v1'), 'finalized')
    await house.trust.sign()
    const anchors = checkpointsIn(await readFile(anchor, 'utf8'))
    assert(anchors.length > 0)
    const whole = await verifyLog(new ExportSource(house.controlPlane.exportAudit()), { anchors })
    assert.equal(whole.verdict, 'intact', JSON.stringify(whole.problems))
    await cut(10)
    await house.stop()
    await rm(join(folder, 'audit'), { recursive: true })
    house = await open()
    const cutOff = await verifyLog(new ExportSource(house.controlPlane.exportAudit()), { anchors })
    assert.equal(cutOff.verdict, 'not-intact')
  })

  it('who has the data folder can accept the log as it is: it is said, and work goes on', async () => {
    await reaches(await request('v1'), 'finalized')
    await house.trust.sign()
    await cut(10)
    await reopen()
    assert.notEqual(house.trust.guard.doubts(), null)
    await reopen({ accept: { by: 'person:mia', reason: 'restored from Monday' } })
    assert.equal(house.trust.guard.doubts(), null)
    await reopen()
    assert.equal(house.trust.guard.doubts(), null)
    const report = await house.controlPlane.verifyAudit()
    assert.equal(report.verdict, 'intact', JSON.stringify(report.problems))
    assert.match(report.unproven.join(), /accepted as they were/)
  })

  it('another data folder is not taken for the owner of this log, unless it is told to be', async () => {
    await reaches(await request('v1'), 'finalized')
    await house.trust.sign()
    const other = await temporaryFolder('other')
    await assert.rejects(
      open({ dataFolder: other }),
      /holds the log of another control plane.*copy the folder "keys"|another control plane/,
    )
    await house.stop()
    house = await open({ accept: { by: 'person:mia', reason: 'the old machine burnt down' }, dataFolder: other })
    assert.equal(house.trust.guard.doubts(), null)
    const [{ stable } = { stable: null }] = await house.controlPlane.status({})
    assert.equal(stable?.version, 'v1')
    await reaches(await request('v2'), 'approvals')
    await rm(other, { recursive: true, force: true })
  })

  it('a log of an earlier version is taken over as it is, and sealed from there on', async () => {
    await house.stop()
    await rm(join(folder, 'audit'), { recursive: true })
    const old = await openPostgresStore({ connectionString: database.connectionString })
    await old.transact((tx) => tx.append('s1', 0, [{ type: 'Old', data: {}, actor: 'system' }]))
    await old.close()
    house = await open()
    assert.equal(house.trust.guard.doubts(), null)
    assert.equal((await house.store.read('s1'))[0]?.forged, undefined)
    await reaches(await request('v1'), 'finalized')
    await house.trust.look()
    assert.equal(house.trust.guard.doubts(), null)
    assert.equal((await house.controlPlane.verifyAudit()).verdict, 'intact')
    await write(appending('s1', 2, 'Forged', {}))
    await isHeld()
  })
})
