/** Every route of a message is on its own: what it was told is remembered, what it refused is tried again or kept. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Notification } from '../../src/ports/notifier.ts'
import { failure, ok, type Order, type Result } from '../../src/ports/result.ts'
import type { Instant } from '../../src/core/time.ts'
import type { TestTopic } from '../../src/engine/control-plane.ts'
import { testRoutes } from '../../src/engine/notifications.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { planFor } from '../../src/testing/plans.ts'
import { engineWorld } from './world.ts'

type Sent = {
  readonly to: string
  readonly event: string
  readonly key: string
  readonly at: Instant
  readonly took: boolean
}
type Channel = (event: string, time: number) => Result<{ readonly receipt: string }> | Promise<never>

const takes: Channel = () => ok({ receipt: 'took it' })
const ELSEWHERE = { services: ['till'], environments: null }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A world whose routes are these channels, each told of everything. */
async function told(channels: Readonly<Record<string, Channel>>) {
  const sent: Sent[] = []
  const world = await engineWorld({
    wrap: (adapters, now) => ({
      ...adapters,
      notifier: (_, { kind }) => ({
        deliver: async ({ event }: Notification, { key }: Order) => {
          const answer = await channels[kind]!(event, now())
          sent.push({ to: kind, event, key, at: now(), took: answer.ok })
          return answer
        },
      }),
    }),
  })
  const notify = Object.keys(channels).map((kind) => ({ on: ['*'], to: { kind } }))
  const id = await world.release('v1', { notify })
  const of = (to: string) => sent.filter((each) => each.to === to)
  const taken = (to: string) => of(to).flatMap(({ took, event }) => (took ? [event] : []))
  const answers = async () => {
    const events = await world.store.read(id)
    const keys = events.flatMap(({ type, version, data }) => {
      const { command } = data as { command?: { type: string } }
      return type === 'CommandIssued' && command?.type === 'Notify' ? [String(version)] : []
    })
    return events.flatMap(({ type, data }) => {
      const { key, message, detail } = data as { key?: string; message?: string; detail?: string }
      return keys.includes(key ?? '') ? [{ type, text: message ?? detail ?? '' }] : []
    })
  }
  return { ...world, id, sent, of, taken, answers }
}

describe('the routes of a message', () => {
  it('are each told once, whatever becomes of the others', async () => {
    const began = new Set<string>()
    const flaky: Channel = (event) => {
      if (began.has(event)) return ok({ receipt: 'mail 250' })
      began.add(event)
      return failure('transient', 'mail did not take it')
    }
    const world = await told({ chat: takes, mail: flaky, pager: takes })
    await world.end(world.id)
    await world.clock.advance(MINUTE)
    for (const to of ['chat', 'mail', 'pager']) assert.deepEqual(world.taken(to), ['started', 'finalized'], to)
    assert.equal(world.of('chat').length, 2)
    assert.equal(world.of('mail').length, 4)
    assert.deepEqual(
      new Set(world.of('mail').map(({ key }) => key.replace(/^\S+?\/\d+/, ''))),
      new Set(['/0/1']),
      'the same key at every attempt',
    )
    assert.deepEqual(
      await world.answers(),
      Array.from({ length: 2 }, () => ({ type: 'CommandDone', text: 'took it, mail 250, took it' })),
    )
    assert.deepEqual(world.failures, [])
  })

  it('give up at once what a channel refuses for ever, say so in the log, and keep it to be sent again', async () => {
    let isMended = false
    const refuses: Channel = () =>
      isMended ? ok({ receipt: 'chat 200' }) : failure('permanent', 'chat refused the message with 404')
    const world = await told({ chat: refuses, pager: takes })
    await world.end(world.id)
    await world.clock.advance(MINUTE)
    assert.equal(world.of('chat').length, 2, 'one attempt for each message')
    assert.deepEqual(world.taken('pager'), ['started', 'finalized'])
    const [first] = await world.answers()
    assert.equal(first?.type, 'CommandFailed')
    for (const part of [
      'chat, given up after 1 attempt: chat refused the message with 404',
      '(told: took it)',
      'notify list',
    ])
      assert.ok(first?.text.includes(part), first?.text)
    isMended = true
    const dead = await world.store.deliveries({ state: 'dead' })
    assert.equal(dead.length, 2)
    const place = { service: 'shop', environment: 'prod' }
    const status = async () =>
      (await world.controlPlane.status({}))[0]?.alarms.map(({ kind, why }) => `${kind}: ${why}`)
    assert.match(
      (await status())?.[0] ?? '',
      /^undelivered: 2 messages could not be delivered, the newest by chat: chat refused/,
    )
    const { alarms } = await world.controlPlane.health()
    assert.deepEqual(
      alarms.map(({ kind, service, environment }) => ({ kind, service, environment })),
      [{ kind: 'undelivered', ...place }],
    )
    const again = await world.controlPlane.replayNotifications({ ids: [dead[0]!.id] })
    assert.deepEqual(again.ok && again.value.map(({ id, state }) => [id, state]), [[dead[0]!.id, 'waiting']])
    const twice = await world.controlPlane.replayNotifications({ ids: [dead[0]!.id] })
    assert.equal(!twice.ok && twice.kind, 'conflict')
    const unknown = await world.controlPlane.replayNotifications({ ids: [dead[1]!.id, 'nothing/1/0'] })
    assert.equal(!unknown.ok && unknown.kind, 'not-found')
    const elsewhere = await world.controlPlane.replayNotifications({ ids: [dead[1]!.id] }, null, ELSEWHERE)
    assert.equal(!elsewhere.ok && elsewhere.kind, 'not-allowed')
    await world.clock.advance(MINUTE)
    assert.deepEqual(world.taken('chat'), ['finalized'])
    const sent = (await world.store.deliveries({ state: 'delivered' })).find(({ kind }) => kind === 'chat')
    assert.deepEqual([sent?.id, sent?.attempts, sent?.receipt], [dead[0]!.id, 2, 'chat 200'])
    const none = await world.controlPlane.replayNotifications({ ids: null }, null, ELSEWHERE)
    assert.deepEqual(none, { ok: true, value: [] })
    await world.controlPlane.replayNotifications({ ids: null, environment: 'prod' })
    await world.clock.advance(MINUTE)
    assert.deepEqual(world.taken('chat'), ['finalized', 'started'])
    assert.deepEqual(await status(), [])
    assert.equal((await world.answers()).length, 2, 'the log heard of each message once')
  })

  it('that were given up can be dismissed, by whom and why, and alarm nobody any more', async () => {
    const refuses: Channel = () => failure('permanent', 'chat refused the message with 404')
    const world = await told({ chat: refuses })
    await world.end(world.id)
    await world.clock.advance(MINUTE)
    const kim = { id: 'person:kim', roles: [] }
    const { dismissNotifications } = world.controlPlane
    const [first, second] = await world.store.deliveries({ state: 'dead' })
    const beyond = await dismissNotifications({ ids: [first!.id], reason: 'no' }, kim, null, ELSEWHERE)
    assert.equal(!beyond.ok && beyond.kind, 'not-allowed')
    const gone = await dismissNotifications({ ids: [first!.id], reason: 'told by phone' }, kim)
    assert.deepEqual(gone.ok && gone.value.map(({ id, state, dismissed }) => ({ id, state, dismissed })), [
      { id: first!.id, state: 'dismissed', dismissed: { by: 'person:kim', reason: 'told by phone' } },
    ])
    const again = await world.controlPlane.replayNotifications({ ids: [first!.id] })
    assert.match(again.ok ? '' : `${again.kind} ${again.message}`, /^conflict .* was dismissed: only dead letters/)
    assert.match((await world.controlPlane.status({}))[0]?.alarms[0]?.why ?? '', /^one message could not be delivered/)
    await dismissNotifications({ ids: null, environment: 'prod', reason: 'told by phone' }, kim)
    assert.equal((await world.store.deliveriesOf(second!))[0]?.state, 'dismissed')
    assert.deepEqual((await world.controlPlane.status({}))[0]?.alarms, [])
    await world.clock.advance(HOUR)
    assert.equal(world.of('chat').length, 2, 'and nothing of it is sent again')
  })

  it('are left alone for as long as they ask, whatever comes meanwhile, and for five minutes at most', async () => {
    const asks = [30_000, HOUR]
    const limited: Channel = () => {
      const retryAfterMs = asks.shift()
      const busy = failure('transient', 'chat refused the message with 429')
      return retryAfterMs === undefined ? ok({ receipt: 'chat 200' }) : { ...busy, retryAfterMs }
    }
    const world = await told({ chat: limited, pager: takes })
    await world.end(world.id)
    await world.clock.advance(10 * MINUTE)
    const [first, second, third] = world.of('chat').map(({ at }) => at)
    assert.ok(second! - first! >= 30_000 && second! - first! < 32_000, `${second! - first!} ms`)
    assert.ok(third! - second! >= 5 * MINUTE && third! - second! < 5 * MINUTE + 2000, `${third! - second!} ms`)
    assert.deepEqual(world.taken('chat').toSorted(), ['finalized', 'started'])
    assert.deepEqual(world.taken('pager'), ['started', 'finalized'], 'others do not wait for it')
  })

  it('are tried again when nobody knows whether they took it', async () => {
    let asked = 0
    const silent: Channel = () => {
      asked += 1
      if (asked === 1) throw new Error('a bug of the adapter')
      return asked === 2 ? new Promise<never>(() => undefined) : ok({ receipt: 'at last' })
    }
    const world = await told({ chat: silent })
    await world.end(world.id)
    await world.clock.advance(2 * MINUTE)
    assert.deepEqual(world.taken('chat').toSorted(), ['finalized', 'started'])
    const [of] = (await world.store.deliveries({})).filter(({ event }) => event === 'started')
    assert.equal(of?.attempts, 3)
  })

  it('wait out an outage with growing pauses, and are told in order when it ends', async () => {
    let upAt = Number.POSITIVE_INFINITY
    const mail: Channel = (_, now) => (now < upAt ? failure('transient', 'down') : ok({ receipt: 'up' }))
    const world = await told({ chat: takes, mail })
    await world.end(world.id)
    await world.clock.advance(5 * MINUTE)
    upAt = world.clock.now()
    await world.clock.advance(MINUTE + 2000)
    assert.deepEqual(world.taken('mail'), ['started', 'finalized'])
    const pauses = world.of('mail').map(({ at }, index, all) => at - (all[index - 1]?.at ?? at))
    assert.ok(Math.max(...pauses) <= MINUTE + 1000, `it is asked every minute: ${Math.max(...pauses)} ms`)
    assert.ok(Math.max(...pauses) > MINUTE / 2, `and not much more often: ${Math.max(...pauses)} ms`)
    assert.deepEqual(world.taken('chat'), ['started', 'finalized'])
    assert.ok(world.of('chat').every(({ at }) => at < upAt))
  })

  it('are not held up by a message that one of them chokes on', async () => {
    const world = await told({
      chat: (event) => (event === 'started' ? failure('transient', 'chat answered 500') : ok({ receipt: 'chat 200' })),
    })
    await world.end(world.id)
    await world.clock.advance(1000)
    assert.deepEqual(world.taken('chat'), ['finalized'])
  })

  it('give up after a day, before the order itself runs out', async () => {
    const world = await told({ chat: () => failure('transient', 'chat is gone') })
    await world.end(world.id)
    for (const { until } of (await world.store.deliveries({})).toReversed()) {
      await world.clock.jump(until - world.clock.now())
      await world.clock.advance(3000)
    }
    const answers = await world.answers()
    assert.equal(answers.length, 2)
    for (const each of answers) assert.match(each.text, /given up after \d+ attempts?: chat is gone/)
    assert.equal((await world.store.deadLetters())[0]?.count, 2)
  })

  it('are told to the log by the sweep when whoever sent them died before he could', async () => {
    const world = await told({ chat: () => failure('transient', 'down') })
    await world.until(world.id, (phase) => phase !== 'gates')
    const [waiting] = await world.store.deliveries({ state: 'waiting' })
    const at = world.clock.now()
    const taken = { state: 'delivered', attempts: 2, failure: null, receipt: 'chat 200', at } as const
    await world.store.recordDelivery(waiting!.id, taken)
    await world.clock.advance(3000)
    assert.deepEqual(await world.answers(), [{ type: 'CommandDone', text: 'chat 200' }])
  })

  it('keep no row for longer than somebody may ask for it', async () => {
    const world = await told({ chat: takes, pager: () => failure('permanent', 'no') })
    await world.end(world.id)
    await world.clock.jump(8 * 24 * HOUR)
    await world.clock.advance(3000)
    assert.deepEqual(new Set((await world.store.deliveries({})).map(({ state }) => state)), new Set(['dead']))
    await world.clock.jump(24 * 24 * HOUR)
    await world.clock.advance(3000)
    assert.deepEqual(await world.store.deliveries({}), [])
  })
})

describe('a test of the routes', () => {
  const plan = planFor({
    notify: [
      { on: ['*'], to: { kind: 'chat', url: { kind: 'env', name: 'CHAT_URL' } } },
      { on: ['P1', 'rolled-back'], to: { kind: 'pager' } },
      { on: ['needs-human'], to: { kind: 'mail' } },
    ],
  })
  const adapters = {
    notifier: (_: unknown, { kind }: { readonly kind: string }) => ({
      deliver: async ({ title, event, priority }: Notification) => {
        if (kind === 'mail') throw new Error('no mail server')
        assert.match(title, /^TEST: shop in prod/)
        return kind === 'pager' ? failure('permanent', 'wrong key') : ok({ receipt: `${event} ${priority}` })
      },
    }),
  } as unknown as Adapters
  const results = async (topic: TestTopic | null) =>
    (await testRoutes({ adapters }, plan, topic)).map(({ to, event, outcome, detail }) => [to, event, outcome, detail])

  it('asks each one for the first that it asks for, and says what became of it', async () => {
    assert.deepEqual(await results(null), [
      ['chat (env CHAT_URL)', 'started', 'delivered', 'started info'],
      ['pager', 'needs-human', 'failed', 'wrong key'],
      ['mail', 'needs-human', 'failed', 'no mail server'],
    ])
  })

  it('takes the routes that ask for a topic, by its priority too', async () => {
    const asked = async (topic: TestTopic) => (await results(topic)).map(([to]) => to)
    assert.deepEqual(await asked('needs-human'), ['chat (env CHAT_URL)', 'pager', 'mail'])
    assert.deepEqual(await asked('log-doubted'), ['chat (env CHAT_URL)', 'pager'])
    assert.deepEqual(await asked('P1'), ['chat (env CHAT_URL)', 'pager'])
    assert.deepEqual(await asked('finalized'), ['chat (env CHAT_URL)'])
    assert.deepEqual((await results('P2'))[0]?.[1], 'rolled-back')
  })
})
