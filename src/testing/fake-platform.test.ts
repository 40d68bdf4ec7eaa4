import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../core/time.ts'
import type { DesiredSlot } from '../ports/platform.ts'
import { type FakePlatformOptions, fakePlatform } from './fake-platform.ts'
import { order, platformContract, refused, type ServiceBehaviour, value } from './platform-contract.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const BEHAVIOURS = {
  healthy: {},
  'never-ready': { readyAfterMs: null },
  exits: { exitsAfterMs: 100, readyAfterMs: null },
} as const

function desired(release: string, behaviour: ServiceBehaviour = 'healthy'): DesiredSlot {
  return {
    release,
    version: `v-${release}`,
    artifact: { ref: 'built', digest: DIGEST },
    instances: 1,
    environment: { BEHAVIOUR: behaviour },
    health: { live: '/health', ready: '/readiness' },
  }
}

function given(options: Omit<FakePlatformOptions, 'now'> = {}) {
  let now = 0
  const behaviour = (asked: DesiredSlot) => ({
    ...BEHAVIOURS[asked.environment.BEHAVIOUR as ServiceBehaviour],
    actualDigest: DIGEST,
  })
  const platform = fakePlatform({ now: () => instant(now), behaviour, ...options })
  return { platform, pass: (ms: number) => (now += ms) }
}

platformContract('fake', async () => {
  const { platform, pass } = given()
  return {
    platform,
    fences: true,
    desired,
    // What it fakes lies outside whoever asks.
    again: async () => platform,
    crash: async (slot) => platform.crash(slot),
    until: async (what, look) => {
      let last: unknown
      for (let looks = 0; looks < 1000; looks += 1) {
        const seen = await look().catch((error: Error) => void (last = error.message))
        if (seen) return seen
        pass(100)
      }
      throw new Error(`${what} never came; last seen: ${last}`)
    },
  }
})

test('fake: becomes ready exactly when its time has come', async () => {
  const { platform, pass } = given({ behaviour: () => ({ readyAfterMs: 5000 }) })
  await platform.ensure('blue', desired('r1'), order())
  pass(4999)
  assert.equal(platform.peek('blue').ready, 0)
  pass(1)
  assert.equal(platform.peek('blue').ready, 1)
})

test('fake: a fault is answered instead of the effect, a lost acknowledgement after it', async () => {
  const { platform } = given({
    fault: ({ method, count }) =>
      method !== 'ensure' || count > 2 ? null : { kind: count === 1 ? 'transient' : 'unknown', performed: count === 2 },
  })
  refused(await platform.ensure('blue', desired('r1'), order()), 'transient', /fault ordered for ensure blue/)
  assert.equal(platform.peek('blue').present, false)
  refused(await platform.ensure('blue', desired('r1'), order()), 'unknown', /fault ordered/)
  assert.equal(platform.peek('blue').running, 1)
  assert.equal(value(await platform.ensure('blue', desired('r1'), order())).running, 1)
  assert.deepEqual(
    platform.calls.map(({ method, count, release }) => [method, count, release]),
    [1, 2, 3].map((count) => ['ensure', count, 'r1']),
  )
})

test('[R-E05] fake: flapping counts the failed probes after the first success', async () => {
  const { platform, pass } = given({
    behaviour: () => ({ readyAfterMs: 0, flapping: { everyMs: 10_000, forMs: 2000 } }),
  })
  await platform.ensure('blue', desired('r1'), order())
  pass(7999)
  assert.equal(platform.peek('blue').ready, 1)
  pass(1)
  assert.equal(platform.peek('blue').ready, 0)
  pass(92_000)
  assert.deepEqual(platform.peek('blue').readiness, { probes: 100, failures: 20 })
})

test('[R-E07] fake: a silent instance prints nothing more; a growing one grows', async () => {
  const { platform, pass } = given({ behaviour: () => ({ memoryGrowthBytesPerMinute: 1000, linesPerSecond: 2 }) })
  await platform.ensure('blue', desired('r1'), order())
  pass(60_000)
  const { logLines, memoryBytes } = platform.peek('blue')
  assert.deepEqual([logLines, memoryBytes], [121, 50_001_000])
  platform.change('blue', { linesPerSecond: 0 })
  pass(600_000)
  assert.equal(platform.peek('blue').logLines, 121)
})

test('fake: looking often or once tells the same', async () => {
  const often = given({ behaviour: () => ({ exitsAfterMs: 3000 }) })
  const once = given({ behaviour: () => ({ exitsAfterMs: 3000 }) })
  for (const { platform } of [often, once]) await platform.ensure('blue', desired('r1'), order({ fence: 1 }))
  for (let second = 0; second < 100; second += 1) {
    often.pass(1000)
    often.platform.peek('blue')
  }
  once.pass(100_000)
  assert.deepEqual(often.platform.peek('blue').restarts, once.platform.peek('blue').restarts)
  assert.deepEqual(often.platform.peek('blue').lastExit, once.platform.peek('blue').lastExit)
})
