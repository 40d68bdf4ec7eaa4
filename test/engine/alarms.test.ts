/** What is wrong is alarmed by status and readiness alike, while the control plane itself stays ready. */
import { quote, say } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { de } from '../../src/text/de.ts'
import { en } from '../../src/text/en.ts'
import type { Messages } from '../../src/text/messages.ts'
import { alarmLines } from '../../src/cli/screen/rollout-block.ts'
import type { Json } from '../../src/core/json.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { StoreUnavailableError } from '../../src/ports/store.ts'
import { failure } from '../../src/ports/result.ts'
import { notDriven } from '../../src/engine/not-driven.ts'
import { instant } from '../../src/core/time.ts'
import { engineWorld } from './world.ts'

/** Adapters whose slots cannot be seen once they are told so. */
function hiding() {
  let hidden: string | null = null
  const wrap = (adapters: Adapters): Adapters => ({
    ...adapters,
    platform: (plan, component) => {
      const inner = adapters.platform(plan, component)
      const observe: typeof inner.observe = async (slot, signal) =>
        slot === hidden ? failure('unknown', 'the supervisor (pid 7) did not answer') : inner.observe(slot, signal)
      return { ...inner, observe }
    },
  })
  return { wrap, hide: (slot: string | null) => void (hidden = slot) }
}

async function released() {
  const { wrap, hide } = hiding()
  const world = await engineWorld({ wrap })
  await world.end(await world.release('v1'))
  const id = await world.release('v2')
  await world.until(id, (phase) => phase === 'holding')
  return { ...world, id, hide }
}

const PLACE = { service: 'shop', environment: 'prod' }

describe('alarms', () => {
  it('are none while all is well', async () => {
    const { controlPlane } = await released()
    const { ok, alarms } = await controlPlane.health()
    assert.deepEqual([ok, alarms], [true, []])
  })

  it('say in readiness which slot has no data, and when the candidate goes back', async () => {
    const { controlPlane, clock, hide } = await released()
    hide('green')
    await clock.advance(8000)
    const { ok, alarms } = await controlPlane.health()
    const [alarm] = alarms
    assert.equal(ok, true)
    assert.equal(alarms.length, 1)
    assert.deepEqual(
      { ...alarm, since: 0, until: 0 },
      {
        ...PLACE,
        kind: 'no-data',
        what: 'slot green of api',
        since: 0,
        until: 0,
        why: 'the supervisor (pid 7) did not answer',
        said: { what: say`slot ${'green'} of ${'api'}`, why: quote('the supervisor (pid 7) did not answer') },
      },
    )
    assert.ok(alarm!.until! > clock.now())
    hide(null)
    await clock.advance(2000)
    assert.deepEqual((await controlPlane.health()).alarms, [])
  })

  const damages: readonly (readonly [string, (state: Json) => Json])[] = [
    ['one list is lost', (state) => ({ ...(state as object), pending: null }) as Json],
    ['all but its id is lost', (state) => ({ id: (state as { id: string }).id, pending: [] })],
  ]
  for (const [name, damage] of damages)
    it(`name a rollout that cannot be driven, in status and readiness, until it is driven again: ${name}`, async () => {
      const { controlPlane, clock, store, id, end } = await released()
      const facts = { ...PLACE, version: 'v2', phase: 'holding', final: false } as const
      const kept = (await store.row(id))!
      await store.transact(async (tx) => {
        const row = (await tx.lock(id))!
        const outer = row.state as { readonly state: Json }
        const state = { ...outer, state: damage(outer.state) }
        await tx.saveStream({ ...row, state, nextDue: clock.now() }, { kind: 'rollout', ...facts })
      })
      const since = clock.now()
      await clock.advance(5000)
      const [seen] = await controlPlane.status(PLACE)
      const alarm = seen!.alarms.find(({ kind }) => kind === 'not-driven')
      assert.ok(alarm)
      assert.deepEqual([alarm.what, alarm.until], [id, null])
      assert.ok(alarm.since >= since && alarm.since <= since + 1000)
      assert.ok(seen!.serving.length > 0, 'what serves is shown all the same')
      const ready = await controlPlane.health()
      assert.equal(ready.ok, true)
      const told = ready.alarms.filter(({ kind }) => kind === 'not-driven')
      assert.deepEqual(
        told.map(({ service, environment, what }) => [service, environment, what]),
        [['shop', 'prod', id]],
      )
      await store.transact(async (tx) => {
        await tx.lock(id)
        await tx.saveStream(kept, { kind: 'rollout', ...facts })
      })
      assert.equal((await end(id)).phase, 'finalized')
      assert.deepEqual((await controlPlane.health()).alarms, [])
    })

  it('that cannot be read make the control plane unready, and say why', async () => {
    const { controlPlane, store } = await released()
    store.environments = () => Promise.reject(new StoreUnavailableError('transient', 'the database is away'))
    const { ok, checks, alarms } = await controlPlane.health()
    assert.equal(ok, false)
    assert.match(checks.find(({ name }) => name === 'alarms')?.detail ?? '', /the database is away/)
    assert.deepEqual(alarms, [])
  })
})

describe('a rollout that nobody drives', () => {
  const at = (second: number) => instant(Date.UTC(2026, 10, 30, 12, 0, second))
  const row = (nextDue: number | null) => ({ stream: 'shop-prod-7', nextDue: nextDue === null ? null : at(nextDue) })
  const trouble = (times: number) => ({ since: at(1), times, error: 'no step "hodl"', again: at(30) })
  const table = [
    ['is not due', notDriven(row(null), null, at(20)), null],
    ['is due since a moment ago', notDriven(row(5), null, at(20)), null],
    ['failed once', notDriven(row(5), trouble(1), at(6)), null],
    [
      'has been due for long: every process that might drive it is gone',
      notDriven(row(5), null, at(21)),
      /shop-prod-7: stuck since .*12:00:05.*: it has been due for 16s and no control plane drives it/,
    ],
    [
      'fails again and again',
      notDriven(row(5), trouble(2), at(6)),
      /shop-prod-7: stuck since .*12:00:01.*: Stellwerk failed to continue it, 2 times in a row: no step "hodl"/,
    ],
  ] as const
  for (const [name, alarm, text] of table)
    it(name, () => {
      if (text === null) return assert.equal(alarm, null)
      assert.ok(alarm)
      const said = (messages: Messages) => alarmLines([alarm], at(25), messages).join()
      assert.match(said(en), text)
      assert.match(said(de), /shop-prod-7: steht still seit /)
    })
})
