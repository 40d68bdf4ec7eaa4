/** Deliveries of messages: what every store keeps about them. */
import { strict as assert } from 'node:assert'
import { after, instant } from '../core/time.ts'
import type { Attempted, NewDelivery } from '../ports/deliveries.ts'
import type { Suite } from './store-suite.ts'

export function newDelivery(given: Partial<NewDelivery> = {}): NewDelivery {
  return {
    stream: 'shop-prod-1',
    version: 3,
    route: 0,
    channel: 'chat',
    kind: 'webhook',
    to: 'webhook (env CHAT_URL)',
    service: 'shop',
    environment: 'prod',
    event: 'finalized',
    priority: 'info',
    title: 'shop v1 in prod: is live',
    position: 7,
    until: instant(Date.UTC(2036, 0, 1)),
    ...given,
  }
}

export function deliveriesContract(suite: Suite): void {
  const { test, store, clock } = suite
  const now = () => clock().now()
  const ended = (given: Partial<Attempted>): Attempted => {
    return { state: 'delivered', attempts: 1, failure: null, receipt: 'chat 200', at: now(), ...given }
  }
  const dead = (given: Partial<Attempted> = {}) =>
    ended({ state: 'dead', failure: 'chat refused it with 404', receipt: null, ...given })

  test('a delivery is queued once, as it is, and found by its message', async () => {
    const begun = now()
    await store().addDeliveries([newDelivery(), newDelivery({ route: 2, channel: 'pager' })], begun)
    await store().recordDelivery('shop-prod-1/3/0', ended({}))
    await store().addDeliveries([newDelivery({ title: 'again' })], after(begun, 5))
    const [first, second, ...others] = await store().deliveriesOf({ stream: 'shop-prod-1', version: 3 })
    assert.deepEqual(others, [])
    const whole = { ...newDelivery(), id: 'shop-prod-1/3/0', ...ended({}), dismissed: null, createdAt: begun }
    assert.deepEqual(first, whole)
    assert.equal(second?.id, 'shop-prod-1/3/2')
    assert.equal(second?.state, 'waiting')
  })

  test('of a message that cannot be there is none', async () => {
    await store().addDeliveries([newDelivery()], now())
    for (const version of [0, 4, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e20]) {
      assert.deepEqual(await store().deliveriesOf({ stream: 'shop-prod-1', version }), [], String(version))
    }
  })

  test('one at a time holds a channel, and whoever does not give it back loses it', async () => {
    await store().addDeliveries([newDelivery()], now())
    const until = after(now(), 1000)
    assert.deepEqual(await store().holdChannel('chat', now(), until), { held: true, failures: 0 })
    assert.deepEqual(await store().holdChannel('chat', now(), until), { held: false, until })
    assert.deepEqual(await store().dueChannels(now()), [])
    assert.deepEqual(await store().holdChannel('chat', until, after(until, 1000)), { held: true, failures: 0 })
    await store().releaseChannel('chat', 3, after(until, 500))
    assert.deepEqual(await store().dueChannels(after(until, 499)), [])
    assert.deepEqual(await store().dueChannels(after(until, 500)), ['chat'])
    const again = await store().holdChannel('chat', after(until, 500), after(until, 900))
    assert.deepEqual(again, { held: true, failures: 3 })
  })

  test('of many who want a channel at once one gets it', async () => {
    const until = after(now(), 1000)
    const held = await Promise.all(Array.from({ length: 8 }, () => store().holdChannel('chat', now(), until)))
    assert.equal(held.filter(({ held }) => held).length, 1)
  })

  test('something new ends a pause of its channel, but takes it from nobody who holds it', async () => {
    await store().addDeliveries([newDelivery()], now())
    await store().holdChannel('chat', now(), after(now(), 1000))
    await store().addDeliveries([newDelivery({ version: 4 })], now())
    assert.deepEqual(await store().dueChannels(now()), [])
    await store().releaseChannel('chat', 3, after(now(), 1000))
    assert.deepEqual(await store().dueChannels(now()), [])
    await store().addDeliveries([newDelivery({ version: 5 })], now())
    assert.deepEqual(await store().dueChannels(now()), ['chat'])
    assert.deepEqual(await store().holdChannel('chat', now(), after(now(), 1)), { held: true, failures: 3 })
  })

  test('a channel that said when to come back is left alone until then, whatever comes', async () => {
    await store().addDeliveries([newDelivery()], now())
    await store().holdChannel('chat', now(), after(now(), 1000))
    const until = after(now(), 60_000)
    await store().releaseChannel('chat', 1, until, 'asked')
    await store().addDeliveries([newDelivery({ version: 4 })], now())
    assert.deepEqual(await store().dueChannels(after(now(), 59_999)), [])
    assert.deepEqual(await store().holdChannel('chat', now(), after(until, 1)), { held: false, until })
    assert.deepEqual(await store().dueChannels(until), ['chat'])
    assert.deepEqual(await store().holdChannel('chat', until, after(until, 1)), { held: true, failures: 1 })
  })

  test('a pause that was written before the clock was set back holds nobody up', async () => {
    await store().addDeliveries([newDelivery()], after(now(), 3_600_000))
    await store().releaseChannel('chat', 1, after(now(), 3_600_000))
    assert.deepEqual(await store().dueChannels(now()), ['chat'])
    assert.equal((await store().nextDelivery('chat', now()))?.id, 'shop-prod-1/3/0')
    assert.equal((await store().holdChannel('chat', now(), after(now(), 1))).held, true)
  })

  test('what was said first comes first; what pauses lets others pass until the channel is back', async () => {
    const begun = now()
    await store().addDeliveries([newDelivery({ version: 9, position: 12 }), newDelivery()], begun)
    assert.equal((await store().nextDelivery('chat', begun))?.id, 'shop-prod-1/3/0')
    await store().recordDelivery('shop-prod-1/3/0', dead({ state: 'waiting', at: after(begun, 60_000) }))
    assert.equal((await store().nextDelivery('chat', begun))?.id, 'shop-prod-1/9/0')
    await store().recordDelivery('shop-prod-1/9/0', ended({}))
    assert.equal(await store().nextDelivery('chat', begun), null)
    assert.equal(await store().channelDue('chat'), after(begun, 60_000))
    await store().wakeDeliveries('chat', after(begun, 5))
    const next = await store().nextDelivery('chat', after(begun, 5))
    assert.deepEqual([next?.id, next?.attempts, next?.failure], ['shop-prod-1/3/0', 1, 'chat refused it with 404'])
    assert.equal(await store().channelDue('pager'), null)
  })

  test('what ended stays as it ended', async () => {
    await store().addDeliveries([newDelivery()], now())
    await store().recordDelivery('shop-prod-1/3/0', ended({}))
    await store().recordDelivery('shop-prod-1/3/0', dead({ attempts: 9 }))
    const [only] = await store().deliveries({})
    assert.deepEqual([only?.state, only?.attempts], ['delivered', 1])
  })

  test('what nobody could send in its time is given up', async () => {
    const until = after(now(), 1000)
    await store().addDeliveries([newDelivery({ until }), newDelivery({ version: 4 })], now())
    assert.deepEqual(await store().expireDeliveries(after(until, -1), 10), [])
    const [given] = await store().expireDeliveries(until, 10)
    assert.deepEqual([given?.id, given?.state, given?.at], ['shop-prod-1/3/0', 'dead', until])
    assert.match(given?.failure ?? '', /took nothing/)
    assert.deepEqual(await store().expireDeliveries(until, 10), [])
  })

  test('deliveries are listed newest first, by state and place', async () => {
    const begun = now()
    await store().addDeliveries([newDelivery()], begun)
    await store().addDeliveries([newDelivery({ version: 4, environment: 'stage' })], after(begun, 1))
    await store().addDeliveries([newDelivery({ version: 5 })], after(begun, 2))
    await store().recordDelivery('shop-prod-1/5/0', dead())
    const ids = async (filter: Parameters<ReturnType<typeof store>['deliveries']>[0]) =>
      (await store().deliveries(filter)).map(({ id }) => id)
    assert.deepEqual(await ids({}), ['shop-prod-1/5/0', 'shop-prod-1/4/0', 'shop-prod-1/3/0'])
    assert.deepEqual(await ids({ limit: 1 }), ['shop-prod-1/5/0'])
    assert.deepEqual(await ids({ environment: 'prod', state: 'waiting' }), ['shop-prod-1/3/0'])
    assert.deepEqual(await ids({ service: 'other' }), [])
  })

  test('dead letters are counted by place, and sent again when somebody asks', async () => {
    const begun = now()
    await store().addDeliveries(
      [newDelivery(), newDelivery({ route: 1, to: 'mail' }), newDelivery({ version: 4 })],
      begun,
    )
    await store().recordDelivery('shop-prod-1/3/0', dead({ at: after(begun, 1) }))
    await store().recordDelivery('shop-prod-1/3/1', dead({ at: after(begun, 2), failure: 'no such box' }))
    const place = { service: 'shop', environment: 'prod' }
    const found = { ...place, count: 2, since: after(begun, 1), failure: 'no such box', to: 'mail' }
    assert.deepEqual(await store().deadLetters(), [found])
    const until = after(begun, 9999)
    const ids = ['shop-prod-1/3/1', 'shop-prod-1/4/0', 'nothing/1/1']
    const replayed = await store().replayDeliveries(ids, after(begun, 3), until)
    assert.deepEqual(
      replayed.map(({ id, state, at, until, attempts }) => ({ id, state, at, until, attempts })),
      [{ id: 'shop-prod-1/3/1', state: 'waiting', at: after(begun, 3), until, attempts: 1 }],
    )
    assert.equal((await store().deadLetters())[0]?.count, 1)
  })

  test('dead letters are dismissed, by whom and why, and are neither counted nor sent again', async () => {
    const begun = now()
    await store().addDeliveries([newDelivery(), newDelivery({ version: 4 }), newDelivery({ version: 5 })], begun)
    await store().recordDelivery('shop-prod-1/3/0', dead())
    await store().recordDelivery('shop-prod-1/4/0', ended({}))
    const dismissed = { by: 'person:kim', reason: 'told by phone' }
    const ids = ['shop-prod-1/3/0', 'shop-prod-1/4/0', 'shop-prod-1/5/0', 'nothing/1/1']
    const gone = await store().dismissDeliveries(ids, after(begun, 5), dismissed)
    assert.deepEqual(
      gone.map(({ id, state, at, dismissed, failure }) => ({ id, state, at, dismissed, failure })),
      [{ id: 'shop-prod-1/3/0', state: 'dismissed', at: after(begun, 5), dismissed, failure: dead().failure }],
    )
    assert.deepEqual(await store().deadLetters(), [])
    assert.deepEqual(await store().replayDeliveries(ids, begun, begun), [])
    assert.deepEqual(await store().dismissDeliveries(ids, begun, { by: 'person:lee', reason: 'again' }), [])
    assert.deepEqual((await store().deliveries({ state: 'dismissed' }))[0]?.dismissed, dismissed)
    await store().pruneDeliveries(begun, after(begun, 6))
    assert.deepEqual(await store().deliveries({ state: 'dismissed' }), [])
  })

  test('a message is untold when nothing of it waits, until the log was told', async () => {
    const message = { stream: 'shop-prod-1', version: 3 }
    await store().addDeliveries([newDelivery(), newDelivery({ route: 1 })], now())
    await store().recordDelivery('shop-prod-1/3/0', ended({}))
    assert.deepEqual(await store().untoldMessages(10), [])
    await store().recordDelivery('shop-prod-1/3/1', dead())
    assert.deepEqual(await store().untoldMessages(10), [message])
    await store().markTold(message)
    assert.deepEqual(await store().untoldMessages(10), [])
  })

  test('what ended long ago is removed, what waits is not', async () => {
    const begun = now()
    const all = [newDelivery(), newDelivery({ route: 1 }), newDelivery({ version: 4 }), newDelivery({ version: 5 })]
    await store().addDeliveries(all, begun)
    await store().recordDelivery('shop-prod-1/3/0', ended({}))
    await store().recordDelivery('shop-prod-1/3/1', dead())
    await store().recordDelivery('shop-prod-1/4/0', ended({ at: after(begun, 1000) }))
    await store().pruneDeliveries(after(begun, 1000), begun)
    const left = (await store().deliveries({})).map(({ id }) => id)
    assert.deepEqual(left, ['shop-prod-1/5/0', 'shop-prod-1/4/0', 'shop-prod-1/3/1'])
    await store().pruneDeliveries(after(begun, 1000), after(begun, 1))
    assert.equal((await store().deliveries({ state: 'dead' })).length, 0)
  })
}
