/** Events and transactions: what every store keeps about its log. */
import { strict as assert } from 'node:assert'
import type { NewJob } from '../ports/job.ts'
import { ConcurrencyError, type NewEvent, type StoreTransaction, StoreUnavailableError } from '../ports/store.ts'
import { FACTS, happened, type Suite } from './store-suite.ts'
import { until } from './until.ts'

export function logContract(suite: Suite): void {
  const { test, append, stand } = suite

  test('events are read back in order with their places', async () => {
    const placed = await append('s1', 0, 'A', 'B')
    await append('s2', 0, 'C')
    await append('s1', 2, 'D')
    const at = suite.clock().now()
    const rest = { at, actor: 'person:alex', data: {} }
    const event = (position: number, stream: string, version: number, type: string) => ({
      position,
      stream,
      version,
      type,
      ...rest,
    })
    const all = [event(1, 's1', 1, 'A'), event(2, 's1', 2, 'B'), event(3, 's2', 1, 'C'), event(4, 's1', 3, 'D')]
    assert.deepEqual(await suite.store().readAll(0, 10), all)
    assert.deepEqual(await suite.store().readAll(1, 2), all.slice(1, 3))
    assert.deepEqual(await suite.store().readAll(1, 10, 's1'), [all[1], all[3]])
    assert.deepEqual(await suite.store().readAll(0, 2, 's1'), all.slice(0, 2))
    assert.deepEqual(await suite.store().readAll(0, 10, 'nobody'), [])
    assert.deepEqual(
      await suite.store().read('s1'),
      all.filter((one) => one.stream === 's1'),
    )
    assert.deepEqual(await suite.store().read('s1', 2), [all[3]])
    assert.deepEqual(await suite.store().read('nobody'), [])
    assert.deepEqual(await suite.store().event('s1', 3), all[3])
    assert.equal(await suite.store().event('s1', 4), null)
    const places = all.slice(0, 2).map(({ position, ...place }) => (position > 0 ? place : null))
    assert.deepEqual(placed, places)
  })

  test('what append answers is what every later reader sees', async () => {
    const data = {
      b: [1.5, -0, 1e21, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, 0.1 + 0.2],
      a: { umlaut: 'Größe', emoji: '👩‍🚀', quote: '"\\u0000 is not U+0000"', ' ': '\u2028\t\u0001', Ä: null },
      gone: undefined,
      long: 'x'.repeat(100_000),
      truth: [true, false, null, [], {}],
      10: 'number-like keys',
      9: '',
    }
    const [placed] = await suite.store().transact((tx) => tx.append('s1', 0, [happened('Odd', data)]))
    const [read] = await suite.store().read('s1')
    assert.deepEqual(read?.data, placed?.data)
    assert.deepEqual(read?.data, JSON.parse(JSON.stringify(data)))
  })

  test('data that cannot be kept as it is is refused, and nothing of it stays', async () => {
    const odd: [string, NewEvent][] = [
      ['NaN', happened('Odd', { ratio: Number.NaN })],
      ['U\\+0000', happened('Odd', { text: 'a\0b' })],
      ['U\\+0000', happened('Odd', { ['a\0b']: 1 })],
      ['half a surrogate pair', happened('Odd', ['\ud800'])],
      ['U\\+0000', { type: 'Odd', data: {}, actor: 'person:\0' }],
      ['must not be empty', { type: 'Odd', data: {}, actor: '' }],
    ]
    for (const [message, event] of odd) {
      const attempt = suite.store().transact((tx) => tx.append('s1', 0, [happened('Fine'), event]))
      await assert.rejects(attempt, (error: Error) => new RegExp(message).test(error.message))
    }
    assert.deepEqual(await suite.store().readAll(0, 10), [])
  })

  test('an append after another version than the expected one is refused', async () => {
    await append('s1', 0, 'A')
    for (const expected of [0, 2]) {
      await assert.rejects(append('s1', expected, 'B'), (error: unknown) => {
        assert.ok(error instanceof ConcurrencyError)
        return error.stream === 's1' && error.expectedVersion === expected
      })
    }
    await assert.rejects(append('s2', 3, 'B'), ConcurrencyError)
    assert.deepEqual((await suite.store().readAll(0, 10)).length, 1)
  })

  test('of two who begin the same stream at once, one wins', async () => {
    const ends = await Promise.allSettled([append('s1', 0, 'A'), append('s1', 0, 'B'), append('s1', 0, 'C')])
    assert.deepEqual(ends.map((end) => end.status).toSorted(), ['fulfilled', 'rejected', 'rejected'])
    for (const end of ends) if (end.status === 'rejected') assert.ok(end.reason instanceof ConcurrencyError)
    assert.equal((await suite.store().read('s1')).length, 1)
  })

  test('appends in one transaction follow one another', async () => {
    await suite.store().transact(async (tx) => {
      await tx.append('s1', 0, [happened('A')])
      assert.equal((await tx.lock('s1'))?.version, 1)
      await tx.append('s2', 0, [happened('B')])
      await tx.append('s1', 1, [happened('C')])
      assert.deepEqual(await tx.append('s1', 2, []), [])
    })
    assert.deepEqual(
      (await suite.store().readAll(0, 10)).map((event) => [event.position, event.stream, event.version]),
      [
        [1, 's1', 1],
        [2, 's2', 1],
        [3, 's1', 2],
      ],
    )
  })

  test('everything of a transaction is rolled back together', async () => {
    await stand('s1', 1000)
    const before = await Promise.all([
      suite.store().readAll(0, 10),
      suite.store().row('s1'),
      suite.store().environments(),
    ])
    const failing = suite.store().transact(async (tx) => {
      await tx.append('s1', 1, [happened('B')])
      await tx.append('s2', 0, [happened('B')])
      await tx.saveStream({ stream: 's1', version: 2, state: 2, nextDue: null }, { ...FACTS, final: true })
      await tx.saveEnvironment({ ...(await tx.lockEnvironment('shop', 'prod')), holder: 's1' })
      await tx.setQuarantine('shop', 'prod', 'sha256:bad', 'it broke')
      await tx.insertJobs([{ queue: 'command', data: { key: 's1/2/0' } }])
      throw new Error('changed my mind')
    })
    await assert.rejects(failing, /changed my mind/)
    assert.deepEqual(
      await Promise.all([suite.store().readAll(0, 10), suite.store().row('s1'), suite.store().environments()]),
      before,
    )
    assert.equal(await suite.store().row('s2'), null)
    assert.deepEqual(suite.jobs(), [])
    assert.equal(await suite.store().transact((tx) => tx.isQuarantined('shop', 'prod', 'sha256:bad')), false)
    await append('s1', 1, 'C')
    assert.deepEqual(
      (await suite.store().readAll(0, 10)).map((event) => event.position),
      [1, 2],
    )
  })

  test('jobs are handed on at the commit', async () => {
    const jobs: NewJob[] = [
      { queue: 'command', data: { key: 's1/1/0' } },
      { queue: 'pump', data: { pump: 1 }, singleton: 'p1' },
    ]
    await suite.store().transact(async (tx) => {
      await tx.append('s1', 0, [happened('A')])
      await tx.insertJobs(jobs)
      assert.deepEqual(suite.jobs(), [])
    })
    assert.deepEqual(suite.jobs(), jobs)
  })

  test('a row is locked until the end of the transaction', async () => {
    await stand('s1', null)
    const order: string[] = []
    let go: () => void = () => undefined
    const first = suite.store().transact(async (tx) => {
      await tx.lock('s1')
      order.push('first holds')
      await new Promise<void>((resolve) => {
        go = resolve
      })
      await tx.append('s1', 1, [happened('B')])
      order.push('first is done')
    })
    await until('the first to hold the row', () => order.length === 1)
    const second = suite.store().transact(async (tx) => {
      const row = await tx.lock('s1')
      order.push(`second sees version ${row?.version}`)
    })
    go()
    await Promise.all([first, second])
    assert.deepEqual(order, ['first holds', 'first is done', 'second sees version 2'])
  })

  test('whoever would wait for ever is told so, and the other one goes on', async () => {
    await stand('s1', null)
    await stand('s2', null)
    let holding = 0
    const cross = (mine: string, other: string) =>
      suite.store().transact(async (tx) => {
        await tx.lock(mine)
        holding += 1
        await until('both to hold one', () => holding === 2)
        await tx.lock(other)
      })
    const ends = await Promise.allSettled([cross('s1', 's2'), cross('s2', 's1')])
    const failed = ends.filter((end) => end.status === 'rejected')
    assert.equal(failed.length, 1)
    assert.ok(failed[0]?.reason instanceof StoreUnavailableError)
    assert.equal(failed[0].reason.kind, 'transient')
  })

  test('reads inside a transaction see what is committed', async () => {
    await append('s1', 0, 'A', 'B')
    await suite.store().transact(async (tx) => {
      await tx.append('s1', 2, [happened('C')])
      assert.deepEqual(
        (await tx.read('s1')).map((event) => event.type),
        ['A', 'B'],
      )
      assert.deepEqual(
        (await tx.read('s1', 1)).map((event) => event.position),
        [2],
      )
    })
  })

  test('time stands still within a transaction', async () => {
    await suite.store().transact(async (tx) => {
      const now = tx.now()
      await suite.clock().advance(1000)
      assert.equal(tx.now(), now)
      const [event] = await tx.append('s1', 0, [happened('A')])
      assert.equal(event?.at, now)
    })
  })

  test('a transaction that has ended refuses to go on', async () => {
    let kept: StoreTransaction | undefined
    await suite.store().transact(async (tx) => {
      kept = tx
    })
    await assert.rejects(async () => kept?.append('s1', 0, [happened('A')]), /has ended/)
    await assert.rejects(async () => kept?.lock('s1'), /has ended/)
    await assert.rejects(async () => kept?.insertJobs([]), /has ended/)
    assert.deepEqual(await suite.store().readAll(0, 10), [])
  })

  test('listeners hear of new events soon, and of nothing after they left', async () => {
    const heard: number[] = []
    const leave = await suite.store().listen((position) => heard.push(position))
    await append('s1', 0, 'A', 'B')
    await until('the listener to hear of position 2', () => heard.at(-1) === 2)
    await append('s1', 2, 'C')
    await until('the listener to hear of position 3', () => heard.at(-1) === 3)
    await leave()
    const left = heard.length
    const others: number[] = []
    const leaveToo = await suite.store().listen((position) => others.push(position))
    await append('s1', 3, 'D')
    await until('another listener to hear of position 4', () => others.at(-1) === 4)
    await leaveToo()
    assert.equal(heard.length, left)
  })

  test('eight writers leave neither a hole nor a double', async () => {
    const writers = Array.from({ length: 8 }, (_, writer) => writer)
    await Promise.all(
      writers.map(async (writer) => {
        for (let version = 0; version < 10; version += 2) {
          await append(`own-${writer}`, version, 'A', 'B')
          const shared = async (): Promise<void> => {
            const version = (await suite.store().row('shared'))?.version ?? 0
            await append('shared', version, 'C').catch((error) => {
              if (!(error instanceof ConcurrencyError)) throw error
              return shared()
            })
          }
          await shared()
        }
      }),
    )
    const log = await suite.store().readAll(0, 1000)
    assert.deepEqual(
      log.map((event) => event.position),
      log.map((_, index) => index + 1),
    )
    assert.equal(log.length, 8 * 10 + 8 * 5)
    for (const [stream, events] of Map.groupBy(log, (event) => event.stream)) {
      assert.deepEqual(
        events.map((event) => event.version),
        events.map((_, index) => index + 1),
        stream,
      )
    }
  })
}
