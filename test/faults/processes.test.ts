/** Control planes, database, router and machine die under a rollout: it goes on, and nobody's request is lost for it. */
import assert from 'node:assert/strict'
import { mkdtemp, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded/index.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { until } from '../../src/testing/until.ts'
import { type Event, killGroup, killPlane, type Plane, type Stage, setStage } from './stage.ts'
import { ask, startUsers, type Users } from './users.ts'

const SERVICE = 'shop'
/** Longest time in which a rollout that looks at its candidate may be seen to do nothing. */
const TAKEOVER_MS = 10_000

/** v1 serves, with users on it. */
async function serving(context: TestContext, stage: Stage, plane: Plane): Promise<{ url: string; users: Users }> {
  let url: string | null = null
  const users = startUsers(() => url)
  context.after(() => users.stop())
  const first = await stage.release(plane, SERVICE, 'v1', 'good')
  const seen = await stage.reaches(first, 'serving', ({ serving: [api] }) => api?.text === 'v1 100 %')
  url = seen.serving[0]?.url ?? null
  assert.ok(url)
  assert.equal((await stage.ends(first)).phase, 'finalized')
  return { url, users }
}

function longestGapMs(events: readonly Event[]): number {
  const last = events.findIndex(({ type }) => type === 'Finalized')
  const times = events.slice(0, last + 1).map(({ at }) => at)
  return Math.max(...times.slice(1).map((at, index) => at - times[index]!))
}

/** What holds of every rollout that was finalized, whatever happened under way. */
function assertWhole(events: readonly Event[], context: TestContext): void {
  assert.deepEqual(
    events.map(({ version }) => version),
    events.map((_, index) => index + 1),
    'versions have a hole or stand twice',
  )
  const routes = events.flatMap((event) =>
    event.type === 'RouteObserved'
      ? [event.data.observed]
      : event.type === 'WorldObserved'
        ? Object.values(event.data.routes)
        : [],
  )
  const requested = events[0]
  assert.ok(requested?.type === 'RolloutRequested')
  const weights = routes.map((route) => route.weights[requested.data.candidateSlot])
  assert.deepEqual(
    weights.filter((weight, index) => index > 0 && weight < weights[index - 1]!),
    [],
    `weights went back: ${weights}`,
  )
  const generations = routes.map(({ generation }) => generation)
  assert.deepEqual(
    generations.filter((generation, index) => index > 0 && generation < generations[index - 1]!),
    [],
    `the router went back: ${generations}`,
  )
  const gapMs = longestGapMs(events)
  context.diagnostic(`longest gap between two events: ${gapMs} ms`)
  assert.ok(gapMs <= TAKEOVER_MS, `nothing happened for ${gapMs} ms`)
}

/** Waits until `count` more events stand in the log than now: somebody drives the rollout. */
async function progress(stage: Stage, id: string, count: number): Promise<void> {
  const { length } = await stage.events(id)
  await until(
    `${count} more events of ${id}`,
    async () => (await stage.events(id)).length >= length + count || (await stage.view(id)).final,
    { timeoutMs: TAKEOVER_MS + 5000, everyMs: 100 },
  )
}

describe('what dies under a rollout', { concurrency: true, timeout: 150_000 }, () => {
  it('one of two control planes on one database: killed while deploying, killed in a hold, frozen and woken', async (context) => {
    const { connectionString } = await testDatabase()
    const stage = await setStage({ databaseUrl: connectionString })
    context.after(() => stage.clear())
    let [one, other] = await Promise.all([stage.plane(), stage.plane()])
    const { users } = await serving(context, stage, one)

    const second = await stage.release(one, SERVICE, 'v2', 'slow-start')
    await stage.reaches(second, 'deploying', ({ phase }) => phase === 'deploying')
    await killPlane(one)
    assert.equal((await stage.ends(second)).phase, 'finalized')
    assertWhole(await stage.events(second), context)

    one = await stage.plane()
    const third = await stage.release(one, SERVICE, 'v3', 'good')
    await stage.reaches(third, 'holding', ({ phase }) => phase === 'holding')
    await killPlane(other)
    assert.equal((await stage.ends(third)).phase, 'finalized')
    assertWhole(await stage.events(third), context)

    other = await stage.plane()
    const fourth = await stage.release(one, SERVICE, 'v4', 'slow-start')
    await stage.reaches(fourth, 'deploying', ({ phase }) => phase === 'deploying')
    for (let round = 0; !(await stage.view(fourth)).final; round += 1) {
      const frozen = round % 2 === 0 ? one : other
      frozen.child.kill('SIGSTOP')
      await progress(stage, fourth, 12)
      frozen.child.kill('SIGCONT')
      await progress(stage, fourth, 3)
    }
    const end = await stage.view(fourth)
    assert.equal(end.phase, 'finalized', end.reason ?? '')
    // The zombies have had their orders back for a while: what they knew of the past changes nothing.
    await delay(3000)
    assertWhole(await stage.events(fourth), context)
    const after = await stage.view(fourth)
    assert.equal(after.serving[0]?.text, 'v4 100 %')

    await users.stop()
    assert.deepEqual(users.lost.slice(0, 3), [])
    assert.deepEqual(Object.keys(users.served), ['v1', 'v2', 'v3', 'v4'])
  })

  it('PostgreSQL, the router, and the whole machine', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'stellwerk-faults-'))
    await chmod(folder, 0o755)
    const start = () => startEmbedded({ folder, log: () => undefined })
    let database: EmbeddedPostgres = await start()
    const stage = await setStage({ databaseUrl: database.connectionString, migrationUrl: database.ownerUrl })
    context.after(async () => {
      await stage.clear()
      await database.stop()
      await rm(folder, { recursive: true, force: true })
    })
    let plane = await stage.plane()
    const { url, users } = await serving(context, stage, plane)

    await context.test(
      'PostgreSQL is away for 3 s in a hold: the rollout is finalized by the same process',
      async (part) => {
        const id = await stage.release(plane, SERVICE, 'v2', 'good')
        await stage.reaches(id, 'holding', ({ phase }) => phase === 'holding')
        const before = await stage.events(id)
        await database.stop()
        await delay(3000)
        database = await start()
        assert.equal((await stage.ends(id)).phase, 'finalized')
        const events = await stage.events(id)
        assert.deepEqual(events.slice(0, before.length), before)
        assertWhole(events, part)
        assert.equal(plane.child.exitCode, null)
        assert.deepEqual(users.lost.slice(0, 3), [])
      },
    )

    await context.test(
      'the router is killed in a hold: it is back with the same weights, and the rollout is finalized',
      async (part) => {
        const id = await stage.release(plane, SERVICE, 'v3', 'good')
        await stage.reaches(id, 'holding', ({ phase }) => phase === 'holding')
        const dead = stage.routerPid()
        assert.ok(dead)
        const killedAt = Date.now()
        process.kill(dead, 'SIGKILL')
        await until(
          'users to be served again',
          async () => ![dead, null].includes(stage.routerPid()) && (await ask(undefined, url)),
        )
        const backMs = Date.now() - killedAt
        const { candidate } = await stage.reaches(id, 'observed', ({ updatedAt }) => updatedAt > killedAt + backMs)
        assert.equal(candidate.weight, 50)
        assert.equal((await stage.ends(id)).phase, 'finalized')
        assertWhole(await stage.events(id), part)
        part.diagnostic(`the router was back after ${backMs} ms; ${users.lost.length} requests were lost meanwhile`)
        assert.ok(backMs < 5000, `${backMs} ms`)
        const outside = users.lost.filter(({ at }) => at < killedAt || at > killedAt + backMs + 200)
        assert.deepEqual(outside.slice(0, 3), [], 'requests were lost before the kill or after the router was back')
      },
    )

    await context.test('the machine restarts: what was finalized serves again without a person', async (part) => {
      await users.stop()
      await killPlane(plane)
      const { supervisors, instances } = stage.processes(SERVICE)
      assert.ok(supervisors.length > 0 && instances.length > 0)
      for (const pid of supervisors) process.kill(pid, 'SIGKILL')
      for (const pid of instances) killGroup(pid)
      const router = stage.routerPid()
      assert.ok(router)
      process.kill(router, 'SIGKILL')
      await until('the machine to be down', async () => !(await ask(undefined, url).catch(() => null)))
      const startedAt = performance.now()
      plane = await stage.plane()
      const version = await until('users to be served again', () => ask(undefined, url), { timeoutMs: 30_000 })
      part.diagnostic(`${version} served again ${Math.round(performance.now() - startedAt)} ms after the start`)
      assert.equal(version, 'v3')
    })
  })
})
