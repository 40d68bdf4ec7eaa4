/**
 * What every platform does, whatever it runs on (law L12: each command is performed twice). A platform's own test calls
 * `platformContract` with a harness; what a platform cannot do is asked of its capabilities, never of its name.
 */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type ObservedSlot, otherSlot, type Slot } from '../core/observed.ts'
import type { LogQuery, Platform, DesiredSlot } from '../ports/platform.ts'
import type { Failure, Order, Result } from '../ports/result.ts'

/** How the service that is started behaves: well, alive but never ready, or exiting soon after every start. */
export type ServiceBehaviour = 'healthy' | 'never-ready' | 'exits'

export type PlatformHarness = {
  readonly platform: Platform
  /** The platform refuses an order whose fence is below one it has seen. */
  readonly fences: boolean
  /** A desired slot for `instances: 1` of a service that prints at least a line when it starts: `SERVER` of `behaving-service.ts`. */
  desired(release: string, behaviour: ServiceBehaviour): DesiredSlot
  /** The adapter made anew for the same place, as by the control plane that comes after this one; this one is used no more. */
  again(): Promise<Platform>
  /** Makes one running instance of the slot exit, as a crash would. */
  crash(slot: Slot): Promise<void>
  /** Looks again until `look` answers something truthy, letting time pass between two looks; throws when it never does. */
  until<T>(what: string, look: () => Promise<T>): Promise<T>
}

export type PlatformSetUp = (context: TestContext) => Promise<PlatformHarness>

let fence = 1000

/** An order as the engine gives it; `change` for what the test is about. */
export function order(change: Partial<Order> = {}): Order {
  fence += 1
  return { key: `rollout/${fence}/0`, fence, signal: new AbortController().signal, ...change }
}

export function value<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.kind}: ${result.message}`)
  return result.value
}

export function refused(result: Result<unknown>, kind: Failure['kind'], message: RegExp): void {
  assert.ok(!result.ok, `must fail, answered ${JSON.stringify(result)}`)
  assert.equal(result.kind, kind, result.message)
  assert.match(result.message, message)
}

/** Whatever is in the slot goes; for the end of a test. */
export async function clear(platform: Platform, slot: Slot): Promise<void> {
  const { release } = value(await platform.observe(slot, new AbortController().signal))
  if (release !== null) value(await platform.stop(slot, release, order()))
}

export function platformContract(name: string, setUp: PlatformSetUp): void {
  const contract = (title: string, run: (given: Given) => Promise<void>) =>
    test(`${name}: ${title}`, async (context) => run(givenOf(await setUp(context))))

  contract('an empty slot is not present, and stopping it is ok, twice', async ({ platform, observe }) => {
    assert.equal((await observe('blue')).present, false)
    assert.equal(value(await platform.stop('blue', 'r1', order())).present, false)
    assert.equal(value(await platform.stop('blue', 'r1', order())).present, false)
  })

  contract('[R-D03] instances become ready after `ensure`, and `ensure` again starts no others', async (given) => {
    const desired = { ...given.desired('r1', 'healthy'), instances: 2 }
    const first = await given.ensure('green', desired)
    assert.deepEqual([first.present, first.release, first.desired], [true, 'r1', 2])
    assert.deepEqual([first.digest, first.version], [desired.artifact.digest, desired.version])
    const ready = await given.ready('green', 2)
    assert.equal(new Set(ready.upstreams).size, 2)
    const again = await given.ensure('green', desired)
    assert.deepEqual(again.upstreams, ready.upstreams)
    assert.deepEqual([again.running, again.restarts], [2, 0])
  })

  contract('the same `ensure` from several at once is one set of instances', async (given) => {
    const desired = given.desired('r1', 'healthy')
    const same = order()
    const answers = await Promise.all([1, 2, 3].map(() => given.platform.ensure('blue', desired, same)))
    for (const answer of answers) assert.equal(value(answer).desired, 1)
    const ready = await given.ready('blue', 1)
    assert.deepEqual([ready.running, ready.upstreams.length], [1, 1])
  })

  contract('[R-D03] an instance that is never ready runs, and is offered to no router', async (given) => {
    await given.ensure('green', given.desired('r1', 'never-ready'))
    const seen = await given.seen('green', ({ running, readiness }) => running === 1 && readiness.probes >= 3)
    assert.deepEqual([seen.ready, seen.upstreams], [0, []])
    assert.equal(seen.readiness.failures, 0, 'not ready yet is not flapping')
  })

  contract('a slot that another release occupies is not touched, be it of the same digest', async (given) => {
    const desired = given.desired('r1', 'healthy')
    await given.ensure('blue', desired)
    const ready = await given.ready('blue', 1)
    for (const _ of [1, 2]) {
      refused(
        await given.platform.ensure('blue', { ...desired, release: 'r2' }, order()),
        'permanent',
        /occupied by release r1/,
      )
      refused(await given.platform.stop('blue', 'r2', order()), 'permanent', /r1/)
    }
    const after = await given.observe('blue')
    assert.deepEqual([after.release, after.upstreams, after.restarts], ['r1', ready.upstreams, 0])
  })

  contract('[R-A04] a digest that does not match is refused, and leaves the slot empty', async (given) => {
    const desired = given.desired('r1', 'healthy')
    const artifact = { ...desired.artifact, digest: `sha256:${'0'.repeat(64)}` }
    for (const _ of [1, 2]) {
      const answer = await given.platform.ensure('green', { ...desired, artifact }, order())
      refused(answer, 'permanent', /expected sha256:0{64}, found sha256:[0-9a-f]{64}/)
    }
    assert.equal((await given.observe('green')).present, false)
  })

  contract('scales up and down without touching the instances that stay', async (given) => {
    const desired = given.desired('r1', 'healthy')
    await given.ensure('blue', desired)
    const [first] = (await given.ready('blue', 1)).upstreams
    for (const _ of [1, 2]) await given.ensure('blue', { ...desired, instances: 3 })
    const three = await given.ready('blue', 3)
    assert.equal(three.upstreams[0], first)
    for (const _ of [1, 2]) await given.ensure('blue', { ...desired, instances: 1 })
    const one = await given.seen('blue', ({ running, ready }) => running === 1 && ready === 1)
    assert.deepEqual([one.upstreams, one.restarts, one.desired], [[first], 0, 1])
  })

  contract('an instance that exits is started again at the same address', async (given) => {
    await given.ensure('blue', given.desired('r1', 'healthy'))
    const before = await given.ready('blue', 1)
    await given.crash('blue')
    const after = await given.seen('blue', ({ restarts, ready }) => restarts === 1 && ready === 1)
    assert.deepEqual(after.upstreams, before.upstreams)
    assert.notEqual(after.lastExit, null)
    assert.equal(after.crashLooping, false)
  })

  contract('[R-D03] instances that keep exiting make the slot crash-looping, until it is stopped', async (given) => {
    await given.ensure('green', given.desired('r1', 'exits'))
    const looping = await given.seen('green', ({ crashLooping }) => crashLooping)
    assert.ok(looping.restarts >= 3)
    assert.equal(looping.ready, 0)
    await given.stop('green', 'r1')
    await given.ensure('green', given.desired('r2', 'healthy'))
    const fresh = await given.ready('green', 1)
    assert.deepEqual([fresh.release, fresh.crashLooping, fresh.restarts], ['r2', false, 0])
  })

  contract('after `stop` nothing is left, and the slot can be taken by another release', async (given) => {
    await given.ensure('blue', given.desired('r1', 'healthy'))
    await given.ready('blue', 1)
    for (const _ of [1, 2]) assert.equal((await given.stop('blue', 'r1')).present, false)
    assert.equal((await given.observe('blue')).present, false)
    await given.ensure('blue', given.desired('r2', 'healthy'))
    assert.equal((await given.ready('blue', 1)).release, 'r2')
  })

  contract('instances outlive whoever started them: the next control plane adopts them (law L9)', async (given) => {
    const desired = given.desired('r1', 'healthy')
    await given.ensure('blue', desired)
    const before = await given.ready('blue', 1)
    const next = await given.harness.again()
    const look = async () => value(await next.observe('blue', new AbortController().signal))
    const found = await look()
    assert.deepEqual(
      [found.present, found.release, found.digest, found.upstreams, found.restarts],
      [true, 'r1', desired.artifact.digest, before.upstreams, 0],
    )
    assert.deepEqual(value(await next.ensure('blue', desired, order())).upstreams, before.upstreams)
    refused(await next.ensure('blue', { ...desired, release: 'r2' }, order()), 'permanent', /occupied by release r1/)
    assert.equal(value(await next.stop('blue', 'r1', order())).present, false)
    assert.equal((await look()).present, false)
  })

  contract('[R-D01] what happens in one slot leaves the other alone', async (given) => {
    if (given.platform.capabilities.slots < 2) return
    const slots: readonly Slot[] = ['blue', 'green']
    for (const slot of slots) await given.ensure(slot, given.desired(slot, 'healthy'))
    for (const slot of slots) await given.ready(slot, 1)
    await given.stop('blue', 'blue')
    const left = await given.observe(otherSlot('blue'))
    assert.deepEqual([left.release, left.ready, left.restarts], ['green', 1, 0])
  })

  contract(
    'an order with a smaller fence than the last comes from somebody who was replaced: refused',
    async (given) => {
      if (!given.fences) return
      const desired = given.desired('r1', 'healthy')
      const old = order()
      value(await given.platform.ensure('blue', desired, order()))
      for (const _ of [1, 2]) {
        refused(await given.platform.ensure('blue', { ...desired, instances: 2 }, old), 'permanent', /stale/)
        refused(await given.platform.stop('blue', 'r1', old), 'permanent', /stale/)
      }
      assert.equal((await given.observe('blue')).desired, 1)
    },
  )

  contract('an order whose time is up is answered, not waited for', async (given) => {
    const signal = AbortSignal.abort()
    const answer = await given.platform.ensure('blue', given.desired('r1', 'healthy'), order({ signal }))
    if (!answer.ok) assert.ok(['transient', 'unknown'].includes(answer.kind), answer.message)
  })

  contract('[R-E07] lines are counted; the newest come last, at most as many as asked for', async (given) => {
    if (!given.platform.capabilities.logs) return
    await given.ensure('blue', given.desired('r1', 'healthy'))
    await given.ready('blue', 1)
    await given.crash('blue')
    const logs = (lines: number) => given.logs({ release: 'r1', lines })
    const all = await given.harness.until('lines of two starts', async () => {
      const lines = await logs(100)
      return lines.filter(({ text }) => !text.startsWith('[stellwerk]')).length >= 2 ? lines : null
    })
    const newest = await logs(1)
    assert.equal(newest.length, 1)
    assert.ok(newest[0]!.at >= all![0]!.at)
    assert.deepEqual(await logs(0), [])
    const { logLines } = await given.observe('blue')
    assert.ok(logLines === null || logLines >= 2, String(logLines))
  })

  contract("lines belong to a release: they outlive it, and nobody else's are shown for them", async (given) => {
    if (!given.platform.capabilities.logs) return
    const linesOf = (release: string | null) =>
      given.harness.until(`lines of ${release}`, async () => {
        const lines = await given.logs({ release })
        return lines.length > 0 ? lines : null
      })
    for (const release of ['r1', 'r2']) {
      await given.ensure('blue', given.desired(release, 'healthy'))
      await given.ready('blue', 1)
      await linesOf(release)
      await given.stop('blue', release)
    }
    await given.ensure('blue', given.desired('r3', 'healthy'))
    await given.ready('blue', 1)
    for (const release of ['r1', 'r2', 'r3']) {
      const { version } = given.desired(release, 'healthy')
      for (const line of (await linesOf(release))!)
        assert.deepEqual([line.release, line.version, line.slot], [release, version, 'blue'])
    }
    assert.deepEqual(await given.logs({ release: 'r4' }), [])
    assert.ok(new Set((await linesOf(null))!.map(({ release }) => release)).size === 3)
    const last = (await linesOf('r3'))!.at(-1)!
    assert.ok((await given.logs({ release: 'r3', since: last.at })).every(({ at }) => at >= last.at))
    assert.deepEqual(await given.logs({ release: 'r3', since: last.at + 3_600_000 }), [])
  })
}

type Given = ReturnType<typeof givenOf>

function givenOf(harness: PlatformHarness) {
  const { platform } = harness
  const observe = async (slot: Slot) => value(await platform.observe(slot, new AbortController().signal))
  const seen = (slot: Slot, wanted: (observed: ObservedSlot) => boolean) =>
    harness.until(`${slot}: ${wanted}`, async () => {
      const observed = await observe(slot)
      if (!wanted(observed)) throw new Error(JSON.stringify(observed))
      return observed
    })
  const logs = async (query: Partial<LogQuery>) =>
    value(
      await platform.logs('blue', { release: null, lines: 100, since: null, ...query }, new AbortController().signal),
    )
  return {
    harness,
    platform,
    logs,
    observe,
    seen,
    fences: harness.fences,
    desired: harness.desired,
    crash: harness.crash,
    ready: (slot: Slot, count: number) => seen(slot, ({ ready, running }) => ready === count && running === count),
    ensure: async (slot: Slot, desired: DesiredSlot) => value(await platform.ensure(slot, desired, order())),
    stop: async (slot: Slot, release: string) => value(await platform.stop(slot, release, order())),
  }
}
