/** A supervisor that is stopped (SIGSTOP) under a rollout: its slot cannot be seen, and must not become one nobody can end. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { groupMembers } from '../../src/adapters/command/process-group.ts'
import { lookLimitFor } from '../../src/core/rollout/no-data.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { until } from '../../src/testing/until.ts'
import { type Plane, type Stage, setStage } from './stage.ts'
import { ask, startUsers, type Users } from './users.ts'

const TICK_MS = 500
/** Beyond the limit itself: a look that is not answered, and the steps of the way back. */
const SLACK_MS = 10_000

let stage: Stage
let plane: Plane
const users: Users[] = []

before(async () => {
  const { connectionString } = await testDatabase()
  stage = await setStage({ databaseUrl: connectionString })
  plane = await stage.plane()
})

after(async () => {
  await Promise.all(users.map((one) => one.stop()))
  await stage.clear()
})

async function serving(service: string): Promise<{ readonly url: string; readonly crowd: Users }> {
  let url: string | null = null
  const crowd = startUsers(() => url)
  users.push(crowd)
  const first = await stage.release(plane, service, 'v1', 'good')
  const seen = await stage.reaches(first, 'serving', ({ serving: [api] }) => api?.text === 'v1 100 %')
  url = seen.serving[0]?.url ?? null
  assert.ok(url)
  assert.equal((await stage.ends(first)).phase, 'finalized')
  return { url, crowd }
}

describe('a supervisor is stopped', { concurrency: true, timeout: 170_000 }, () => {
  it('while its candidate is judged: users return within the limit, and its instances are ended all the same', async (context) => {
    const { url, crowd } = await serving('judged')
    const id = await stage.release(plane, 'judged', 'v2', 'good')
    const { candidate } = await stage.reaches(id, 'holding', ({ phase }) => phase === 'holding')
    const { supervisors, instances } = stage.processes('judged', candidate.slot)
    assert.equal(supervisors.length, 1)
    assert.ok(instances.length > 0)
    const stoppedAt = Date.now()
    process.kill(supervisors[0]!, 'SIGSTOP')

    const { phase, reason, exitCode } = await stage.ends(id)
    assert.equal(phase, 'rolled-back', reason ?? '')
    assert.equal(exitCode, 5)
    assert.match(reason ?? '', new RegExp(`slot ${candidate.slot} of api could not be seen for .* looks in a row`))

    const events = await stage.events(id)
    const looks = events.flatMap((event) => (event.type === 'WorldObserved' ? [event] : []))
    const failed = looks.filter(({ data }) => data.failures.length > 0)
    const alone = failed.filter(({ data }) =>
      data.failures.every(({ what }) => what === `slot ${candidate.slot} of api`),
    )
    assert.ok(alone.length >= 3)
    assert.equal(alone.length, failed.length, 'the look of the slot times out as one part, the others are seen')
    assert.ok(alone.every(({ data }) => 'api' in data.routes))

    const trigger = events.find(({ type }) => type === 'RollbackTriggered')!
    const backMs = trigger.at - stoppedAt
    context.diagnostic(`taken back ${backMs} ms after the stop`)
    const limitMs = lookLimitFor(TICK_MS)
    assert.ok(backMs >= limitMs - 1000 && backMs <= limitMs + SLACK_MS, `${backMs} ms`)

    assert.deepEqual([...supervisors, ...instances].flatMap(groupMembers), [])
    assert.equal(existsSync(join(stage.slotFolder('judged', candidate.slot), 'slot.json')), false)
    assert.equal(await ask(undefined, url), 'v1')
    await crowd.stop()
    assert.deepEqual(crowd.lost.slice(0, 3), [])
  })

  it('while its release serves beside a candidate: nothing is taken back for it, and users notice nothing', async () => {
    const { crowd } = await serving('beside')
    const id = await stage.release(plane, 'beside', 'v2', 'good')
    const { stable } = await stage.reaches(id, 'holding', ({ phase }) => phase === 'holding')
    const [supervisor] = stage.processes('beside', stable!.slot).supervisors
    process.kill(supervisor!, 'SIGSTOP')
    const { phase, reason } = await stage.ends(id)
    assert.equal(phase, 'finalized', reason ?? '')
    const unseen = (await stage.view(id)).alarms.map(({ what }) => what)
    assert.ok(unseen.every((what) => what === `slot ${stable!.slot} of api`))
    await until('v2 to serve', async () => (crowd.served['v2'] ?? 0) > 0)
    await crowd.stop()
    assert.deepEqual(crowd.lost.slice(0, 3), [])
  })
})
