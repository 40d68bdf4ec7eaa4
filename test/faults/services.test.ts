/** Services that misbehave, a port that is taken, logs that cannot be written, metrics that go away: one real control plane. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { testDatabase } from '../../src/testing/postgres.ts'
import { until } from '../../src/testing/until.ts'
import { type Plane, type Stage, setStage } from './stage.ts'
import { ask, startUsers, type Users } from './users.ts'

let stage: Stage
let plane: Plane
let taken: Occupied
let moved: Occupied
const users: Users[] = []

before(async () => {
  const { connectionString } = await testDatabase()
  taken = await occupy()
  moved = await occupy()
  stage = await setStage({ databaseUrl: connectionString })
  plane = await stage.plane()
})

after(async () => {
  await Promise.all(users.map((one) => one.stop()))
  await Promise.all([taken.free(), moved.free()])
  await stage.clear()
})

type Occupied = { readonly address: () => string; readonly free: () => Promise<void> }

/** Somebody else's server. */
async function occupy(): Promise<Occupied> {
  const server = createServer((_, response) => response.end('somebody else')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const closed = once(server, 'close')
  const free = async () => {
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { address: () => `127.0.0.1:${port}`, free }
}

/** A first release serves, with users on it. */
async function serving(service: string, version = 'v1'): Promise<{ readonly url: string; readonly users: Users }> {
  let url: string | null = null
  const crowd = startUsers(() => url)
  users.push(crowd)
  const change = service === 'taken' ? { listen: taken.address() } : {}
  const first = await stage.release(plane, service, version, 'good', change)
  const seen = await stage.reaches(first, 'serving', ({ serving: [api] }) => api?.text === `${version} 100 %`)
  url = seen.serving[0]?.url ?? null
  assert.ok(url)
  assert.equal((await stage.ends(first)).phase, 'finalized')
  return { url, users: crowd }
}

async function nothingLeft(service: string, id: string): Promise<void> {
  const { candidate } = await stage.view(id)
  const left = () => stage.processes(service, candidate.slot)
  await until(`nothing of ${id} to be left`, () => left().supervisors.length + left().instances.length === 0)
  assert.equal(existsSync(join(stage.slotFolder(service, candidate.slot), 'slot.json')), false)
}

describe('a service that misbehaves', { concurrency: true, timeout: 170_000 }, () => {
  it('[R-D03] never becomes ready, exits at once, hangs: aborted before any user met it, each with its reason', async () => {
    const { url, users: crowd } = await serving('start')
    const reasons = []
    for (const [version, behaviour] of [
      ['v2', 'never-ready'],
      ['v3', 'exits'],
      ['v4', 'hangs'],
    ] as const) {
      const id = await stage.release(plane, 'start', version, behaviour, { startLimit: '8s' })
      const { phase, reason, exitCode } = await stage.ends(id)
      assert.equal(phase, 'aborted', reason ?? '')
      assert.equal(exitCode, 1)
      reasons.push(reason)
      await nothingLeft('start', id)
    }
    assert.match(reasons[0] ?? '', /0 of 1 instances of api were ready in time; GET \/readiness: 503/)
    assert.match(reasons[1] ?? '', /keeps exiting; last exit: exit code 3, last output: .*cannot find the database/)
    assert.match(reasons[2] ?? '', /0 of 1 instances of api were ready in time; GET \/[a-z]+: no answer in 2 s/)
    assert.equal(await ask(undefined, url), 'v1')
    await crowd.stop()
    assert.deepEqual(Object.keys(crowd.served), ['v1'])
    assert.deepEqual(crowd.lost, [])
  })

  it('[R-F03] fails its users and ignores SIGTERM: users return to v1, and it is gone', async () => {
    const { url, users: crowd } = await serving('stays')
    const id = await stage.release(plane, 'stays', 'v2', 'fails-and-stays')
    const { phase, reason, exitCode } = await stage.ends(id)
    assert.equal(phase, 'rolled-back', reason ?? '')
    assert.equal(exitCode, 5)
    assert.match(reason ?? '', /error.rate/)
    await nothingLeft('stays', id)
    assert.equal(await ask(undefined, url), 'v1')
    await crowd.stop()
    // Its errors are answers; nobody was left without one.
    assert.deepEqual(
      crowd.lost.filter(({ why }) => why !== 'status 500'),
      [],
    )
  })

  it('[R-F03] hangs for its users: late answers are errors, and users return to v1', async () => {
    const { url } = await serving('hangs')
    const id = await stage.release(plane, 'hangs', 'v2', 'hangs-for-users')
    const { phase, reason } = await stage.ends(id)
    assert.equal(phase, 'rolled-back', reason ?? '')
    assert.match(reason ?? '', /error.rate|stalled|complete|answer/)
    await nothingLeft('hangs', id)
    assert.equal(await ask(undefined, url), 'v1')
  })

  it('finds the port of its first release taken: aborted with the address, and the next one serves when it is free', async () => {
    const id = await stage.release(plane, 'taken', 'v1', 'good', { listen: taken.address() })
    const { phase, reason } = await stage.ends(id)
    assert.equal(phase, 'aborted', reason ?? '')
    assert.ok(reason?.includes(taken.address()), `the address must be in: ${reason}`)
    await nothingLeft('taken', id)
    assert.equal(await (await fetch(`http://${taken.address()}/`)).text(), 'somebody else')
    await taken.free()
    assert.equal((await serving('taken', 'v2')).url, `http://${taken.address()}`)
  })

  it('finds the port of a new address taken: the old one serves on', async () => {
    const { url } = await serving('moves')
    const id = await stage.release(plane, 'moves', 'v2', 'good', { listen: moved.address() })
    const { phase, reason } = await stage.ends(id)
    assert.equal(phase, 'rolled-back', reason ?? '')
    assert.ok(reason?.includes(moved.address()), `the address must be in: ${reason}`)
    await nothingLeft('moves', id)
    assert.equal(await ask(undefined, url), 'v1')
  })

  it('cannot write its log (disk full): neither the service nor the rollout is hurt', async (context) => {
    if (!existsSync('/dev/full')) return context.skip('this system has no /dev/full')
    for (const slot of ['blue', 'green'] as const) {
      await mkdir(stage.slotFolder('full', slot), { recursive: true })
      await symlink('/dev/full', join(stage.slotFolder('full', slot), 'instance-0.log'))
    }
    const { users: crowd } = await serving('full')
    const id = await stage.release(plane, 'full', 'v2', 'good')
    assert.equal((await stage.ends(id)).phase, 'finalized')
    await crowd.stop()
    assert.deepEqual(crowd.lost, [])
    assert.ok((crowd.served['v2'] ?? 0) > 0)
  })

  it('[R-D09] [R-D13] [R-E07] loses its metrics: never advances, asks a person, and goes on when they are back', async () => {
    const { users: crowd } = await serving('no-data')
    const id = await stage.release(plane, 'no-data', 'v2', 'good')
    await stage.reaches(id, 'holding', ({ phase }) => phase === 'holding')
    const gone = join(stage.dataFolder, 'metrics-gone-no-data')
    await writeFile(gone, '')
    const asked = await stage.reaches(id, 'asking', ({ paused }) => paused !== null)
    assert.equal(asked.paused?.by, 'system')
    assert.match(asked.paused?.reason ?? '', /not enough evidence at 50 %/)
    assert.equal(asked.phase, 'holding')
    assert.equal(asked.candidate.weight, 50)
    await rm(gone)
    await stage.call(plane, `/rollouts/${id}/resume`)
    assert.equal((await stage.ends(id)).phase, 'finalized')
    await crowd.stop()
    assert.deepEqual(crowd.lost, [])
    const types = (await stage.events(id)).map(({ type }) => type)
    assert.ok(!types.includes('RollbackTriggered'))
  })
})
