/** What cannot be looked at is not passed over by `down`. */
import { english } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DataPlane } from '../../src/composition/data-plane.ts'
import { tearDown } from '../../src/composition/tear-down.ts'
import { StellwerkError } from '../../src/errors.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { failure } from '../../src/ports/result.ts'
import { engineWorld } from './world.ts'

const DATA_PLANE = {
  client: async () => ({ health: async () => ({ ok: false }) }),
  stop: async () => {},
} as unknown as DataPlane

/** v1 serves; from then on no look at its platform is answered, until an order comes that wakes it. */
async function served({ wakes, strays = null }: { readonly wakes: boolean; readonly strays?: string | null }) {
  let frozen = false
  const wrap = (adapters: Adapters): Adapters => ({
    ...adapters,
    platform: (plan, component) => {
      const inner = adapters.platform(plan, component)
      const silent = failure('unknown', 'the supervisor (pid 7) did not answer')
      const observe: typeof inner.observe = async (...asked) => (frozen ? silent : inner.observe(...asked))
      const stop: typeof inner.stop = async (...asked) => {
        if (frozen && !wakes) return silent
        frozen = false
        return inner.stop(...asked)
      }
      return { ...inner, observe, stop }
    },
  })
  const world = await engineWorld({ wrap })
  const { adapters } = world.outside
  const id = await world.release('v1')
  const { candidate } = await world.end(id)
  const plan = (await world.controlPlane.rolloutPlan(id)) as unknown as { value: { plan: never } }
  const seen = async () => {
    const component = (plan.value.plan as { components: readonly never[] }).components[0]!
    return adapters.platform(plan.value.plan, component).observe(candidate.slot, new AbortController().signal)
  }
  frozen = true
  return {
    down: () =>
      tearDown({ store: world.store, adapters: wrap(adapters), dataPlane: DATA_PLANE, endStrays: async () => strays }),
    seen,
  }
}

describe('down', () => {
  it('stops a slot that only an order brings back to answering', async () => {
    const { down, seen } = await served({ wakes: true })
    const before = await seen()
    assert.ok(before.ok && before.value.present)
    await down()
    const after = await seen()
    assert.ok(after.ok && !after.value.present)
  })

  it('says what instances left behind that could not be ended, once everything else has ended', async () => {
    const { down, seen } = await served({ wakes: true, strays: 'not even killed: node (7)' })
    await assert.rejects(down(), (error: unknown) => {
      assert.ok(error instanceof StellwerkError)
      assert.equal(english(error.text.why), 'left behind by instances, not even killed: node (7)')
      return true
    })
    const after = await seen()
    assert.ok(after.ok && !after.value.present)
  })

  it('says what it could neither see nor stop, and does not claim to have stopped everything', async () => {
    const { down, seen } = await served({ wakes: false })
    await assert.rejects(down(), (error: unknown) => {
      assert.ok(error instanceof StellwerkError)
      assert.equal(error.exit, 'failed')
      assert.match(english(error.text.why), /^\w+ in (blue|green) of .*: the supervisor \(pid 7\) did not answer/)
      return true
    })
    const after = await seen()
    assert.ok(after.ok && after.value.present)
  })
})
