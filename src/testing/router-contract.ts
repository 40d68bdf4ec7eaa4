/** What every router promises (`src/ports/router.ts`), asked of the real ones and of the fake alike. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Router, DesiredRoute } from '../ports/router.ts'

export type RouterSuite = {
  readonly name: string
  /** A router to which nothing was ever said, and what ends it. */
  readonly setup: () => Promise<{ readonly router: Router; readonly end: () => Promise<void> }>
  /** Two addresses that may be routed to. */
  readonly upstreams: readonly [string, string]
}

export function routerContract({ name, setup, upstreams: [blue, green] }: RouterSuite): void {
  const desired = (share: number): DesiredRoute => ({
    weights: { blue: 100 - share, green: share },
    upstreams: { blue: [blue], green: [green] },
    maintenance: false,
  })
  /** A share between 0 and 100 where the router knows any; else all. */
  const some = ({ capabilities }: Router, share: number) => desired(capabilities.weights ? share : 100)
  const order = (fence: number) => ({ key: `test/${fence}/0`, fence, signal: AbortSignal.timeout(10_000) })
  const look = async (router: Router) => {
    const seen = await router.observe(AbortSignal.timeout(10_000))
    assert.ok(seen.ok, JSON.stringify(seen))
    return seen.value
  }

  async function withRouter(use: (router: Router) => Promise<void>): Promise<void> {
    const { router, end } = await setup()
    try {
      await use(router)
    } finally {
      await end()
    }
  }

  describe(`the router contract: ${name}`, () => {
    it('before anything is set there is nothing: weights 0, generation 0', () =>
      withRouter(async (router) => {
        const { weights, generation, maintenance } = await look(router)
        assert.deepEqual(
          { weights, generation, maintenance },
          { weights: { blue: 0, green: 0 }, generation: 0, maintenance: false },
        )
      }))

    it('a desired route is in force when it is answered, and is what is observed afterwards', () =>
      withRouter(async (router) => {
        const { weights } = some(router, 10)
        const set = await router.set(some(router, 10), order(7))
        assert.ok(set.ok, JSON.stringify(set))
        assert.deepEqual(set.value.weights, weights)
        const seen = await look(router)
        assert.deepEqual(seen.weights, weights)
        if (router.capabilities.drain) assert.deepEqual(seen.inFlight, { blue: 0, green: 0 })
        assert.deepEqual(seen.upstreams, { blue: [blue], green: [green] })
        assert.equal(seen.generation, 7)
      }))

    it('the same desired route twice is the same state', () =>
      withRouter(async (router) => {
        const first = await router.set(some(router, 50), order(3))
        const second = await router.set(some(router, 50), order(3))
        assert.ok(first.ok && second.ok)
        assert.deepEqual(second.value.weights, first.value.weights)
        assert.equal(second.value.generation, 3)
      }))

    it('an older generation is refused for ever and changes nothing', () =>
      withRouter(async (router) => {
        await router.set(desired(0), order(9))
        const stale = await router.set(some(router, 50), order(8))
        assert.ok(!stale.ok)
        assert.equal(stale.kind, 'permanent')
        assert.deepEqual((await look(router)).weights, { blue: 100, green: 0 })
      }))

    it('a removed route is as one that was never set, twice as well as once, and stays away for older orders', () =>
      withRouter(async (router) => {
        await router.set(some(router, 10), order(4))
        for (const fence of [5, 5]) {
          const removed = await router.remove(order(fence))
          assert.ok(removed.ok, JSON.stringify(removed))
          assert.equal(removed.value.generation, 0)
        }
        const { weights, generation } = await look(router)
        assert.deepEqual({ weights, generation }, { weights: { blue: 0, green: 0 }, generation: 0 })
        assert.equal((await router.set(some(router, 10), order(4))).ok, false)
        assert.ok((await router.set(some(router, 20), order(6))).ok)
        assert.deepEqual((await look(router)).weights, some(router, 20).weights)
      }))

    it('a share that a router of all or nothing cannot give is refused for ever, and changes nothing', async (t) =>
      withRouter(async (router) => {
        if (router.capabilities.weights) return t.skip('this router gives every share')
        await router.set(desired(0), order(1))
        const refused = await router.set(desired(50), order(2))
        assert.ok(!refused.ok)
        assert.equal(refused.kind, 'permanent')
        assert.deepEqual((await look(router)).weights, { blue: 100, green: 0 })
      }))

    it('what was never set can be removed', () =>
      withRouter(async (router) => {
        const removed = await router.remove(order(3))
        assert.ok(removed.ok, JSON.stringify(removed))
        assert.deepEqual(removed.value.weights, { blue: 0, green: 0 })
      }))

    it('the maintenance page serves nothing from any slot', async (t) =>
      withRouter(async (router) => {
        if (!router.capabilities.maintenance) return t.skip('this router has no maintenance page')
        await router.set(desired(100), order(1))
        const closed = await router.set(
          { weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] }, maintenance: true },
          order(2),
        )
        assert.ok(closed.ok, JSON.stringify(closed))
        assert.deepEqual(closed.value.weights, { blue: 0, green: 0 })
        assert.equal(closed.value.maintenance, true)
      }))
  })
}
