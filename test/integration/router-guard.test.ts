/**
 * The router's own parts are killed under load, with no control plane anywhere: whoever dies is replaced by the others,
 * and no connection is refused meanwhile.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { GUARD_LOCK, livingHolder } from '../../src/router/guard/lock.ts'
import type { RouterClient } from '../../src/router/client.ts'
import { until } from '../../src/testing/until.ts'
import { ask, exitOf, folder, load, named, put, spawnRouter, startRouter, value, desired } from './router-world.ts'

type Health = { readonly pid: number; readonly guard: number | null; readonly worker: number | null }

const healthOf = async (client: RouterClient): Promise<Health> => value(await client.health())

/** Longest time, ms, between two answers since `reset`; connections wait in the kernel instead of being refused. */
function gaps(t: TestContext, traffic: { total(): number }) {
  let [last, total, longest] = [performance.now(), traffic.total(), 0]
  const handle = setInterval(() => {
    const now = performance.now()
    if (traffic.total() > total) [last, total] = [now, traffic.total()]
    longest = Math.max(longest, now - last)
  }, 2)
  t.after(() => clearInterval(handle))
  return { longest: () => Math.round(longest), stop: () => clearInterval(handle) }
}

async function underLoad(t: TestContext, keepAlive: boolean) {
  const router = await startRouter(t)
  const blue = await named(t, 'blue')
  const address = await put(router.client, 'app', desired(1, 0, { blue: [blue.address] }))
  const traffic = load(t, address, { clients: 4, keepAlive, pauseMs: 10 })
  await until('traffic flows', () => traffic.total() > 100)
  return { ...router, blue, address, traffic }
}

const whole = (client: RouterClient, before: Health, changed: keyof Health) =>
  until<Health | false>(
    `another ${changed}`,
    async () => {
      const now = await client.health()
      const is =
        now.ok && now.value.status === 'ok' && now.value.guard !== null && now.value[changed] !== before[changed]
      return is && (now.value as Health)
    },
    { timeoutMs: 30_000 },
  )

for (const part of ['guard', 'pid'] as const) {
  for (const keepAlive of [false, true]) {
    const name = part === 'pid' ? 'primary' : part
    test(`kill -9 of the ${name} under load (${keepAlive ? 'kept' : 'new'} connections): nothing is refused, reset or late`, async (t) => {
      const { client, traffic, address, dir } = await underLoad(t, keepAlive)
      for (let round = 0; round < 2; round++) {
        // A primary that has just begun has not heard of its guard yet.
        const before = (await until<Health | false>('every part is known', async () => {
          const health = await healthOf(client)
          return health.guard !== null && health
        })) as Health
        const watch = gaps(t, traffic)
        const began = performance.now()
        process.kill(before[part]!, 'SIGKILL')
        await whole(client, before, part)
        const served = traffic.total()
        await until('traffic flows', () => traffic.total() > served + 50)
        watch.stop()
        t.diagnostic(
          `whole again after ${Math.round(performance.now() - began)} ms, longest wait ${watch.longest()} ms`,
        )
      }
      const view = value(await client.get('app'))
      assert.deepEqual([view.listening, view.slots.blue.weight, view.generation], [address, 100, 1])
      await traffic.stop()
      assert.deepEqual(traffic.errors, [])
      await until('the guard holds the folder', () => livingHolder(dir, GUARD_LOCK) !== null)
    })
  }
}

test('guard and primary killed at once: the workers serve on, and the next router takes their ports', async (t) => {
  const { client, traffic, address, dir } = await underLoad(t, false)
  const { pid, guard } = await healthOf(client)
  for (const each of [pid, guard]) process.kill(each!, 'SIGKILL')
  await until('both are dead', () => livingHolder(dir) === null && livingHolder(dir, GUARD_LOCK) === null)
  const served = traffic.total()
  await until('the orphans serve', () => traffic.total() > served + 100)
  assert.deepEqual(traffic.errors, [])
  const again = await startRouter(t, dir)
  await until('the port is taken over', async () => value(await again.client.get('app')).listening === address)
  await traffic.stop()
  assert.equal((await ask(address)).body, 'blue')
  assert.ok(
    traffic.errors.every((error) => /ECONNREFUSED|ECONNRESET|hang up/.test(error)),
    `${traffic.errors}`,
  )
})

test('a change after the primary was killed is in force in every process that accepts', async (t) => {
  const { client, traffic, address, blue } = await underLoad(t, false)
  const green = await named(t, 'green')
  const before = await healthOf(client)
  process.kill(before.pid, 'SIGKILL')
  const after = await whole(client, before, 'pid')
  assert.ok(after)
  const sides = { blue: [blue.address], green: [green.address] }
  await until('it is switched', async () => (await client.put('app', desired(2, 100, sides))).ok)
  await until('the old worker has ended', async () => value(await client.get('app')).slots.blue.inFlight === 0, {
    timeoutMs: 40_000,
  })
  const counted = { ...traffic.counts }
  await until('green serves', () => (traffic.counts['green'] ?? 0) > 100)
  await traffic.stop()
  assert.deepEqual(traffic.errors, [])
  assert.ok((traffic.counts['blue'] ?? 0) - (counted['blue'] ?? 0) <= 8, 'nothing goes to blue any more')
  assert.equal((await ask(address)).body, 'green')
})

test('SIGTERM to the guard, to the primary, or to both ends the whole router with 0 and leaves no process', async (t) => {
  for (const targets of [['guard'], ['pid'], ['guard', 'pid', 'pid', 'guard']] as const) {
    const { client, child, dir } = await startRouter(t)
    const blue = await named(t, 'blue')
    await put(client, 'app', desired(1, 0, { blue: [blue.address] }))
    const health = await healthOf(client)
    for (const target of targets) process.kill(health[target]!, 'SIGTERM')
    await until('nobody is left', () => [health.pid, health.guard, health.worker].every((pid) => !isThere(pid!)))
    assert.equal(await exitOf(child), 0, `${targets}`)
    assert.equal(existsSync(join(dir, 'router.json')), false)
  }
})

test('a primary that can never start ends its guard with the same code; one that crashes later does not', async (t) => {
  const dir = folder(t)
  mkdirSync(dir, { recursive: true })
  for (const name of ['routes.json', 'routes.copy.json']) writeFileSync(join(dir, name), '{')
  const { child } = spawnRouter(t, ['--data', dir])
  await until('it has ended', () => child.exitCode !== null)
  assert.equal(child.exitCode, 4)
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.endsWith('.lock')),
    [],
  )
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
