/** Parts of a transaction: what throws in one is taken back alone. What the database refuses is asked of PostgreSQL only. */
import { strict as assert } from 'node:assert'
import type { StoreTransaction } from '../ports/store.ts'
import { FACTS, happened, type Suite } from './store-suite.ts'

export function partsContract(suite: Suite): void {
  const { test, stand } = suite

  /** Everything that a part can change. */
  async function changeAll(tx: StoreTransaction, stream: string): Promise<void> {
    await tx.append(stream, 1, [happened('Changed')])
    await tx.saveStream({ stream, version: 2, state: { by: stream }, nextDue: null }, { ...FACTS, phase: 'changed' })
    await tx.append(`${stream}-new`, 0, [happened('Begun')])
    const row = await tx.lockEnvironment('shop', 'prod')
    await tx.saveEnvironment({ ...row, holder: stream, queue: [...row.queue, stream] })
    await tx.setQuarantine('shop', 'prod', `sha of ${stream}`, 'it was slow')
    await tx.insertJobs([{ queue: 'command', data: { stream } }])
  }

  /** What there is of `changeAll`. */
  async function found(stream: string) {
    const store = suite.store()
    const [row, begun, environment] = await Promise.all([
      store.row(stream),
      store.read(`${stream}-new`),
      store.environment('shop', 'prod'),
    ])
    const barred = await store.transact((tx) => tx.isQuarantined('shop', 'prod', `sha of ${stream}`))
    const jobs = suite.jobs().filter(({ data }) => (data as { stream: string }).stream === stream).length
    return [row?.version, begun.length, environment?.queue.includes(stream) ?? false, barred, jobs]
  }

  const ALL = [2, 1, true, true, 1]
  const NOTHING = [1, 0, false, false, 0]

  test('a part that throws leaves nothing, and the transaction goes on', async () => {
    for (const stream of ['a', 'b', 'c']) await stand(stream, 0)
    await suite.store().transact(async (tx) => {
      await tx.lockDue(10)
      for (const stream of ['a', 'b', 'c']) {
        const part = tx.apart(async () => {
          await changeAll(tx, stream)
          if (stream === 'b') throw new Error('b is broken')
          return stream
        })
        if (stream === 'b') await assert.rejects(part, /b is broken/)
        else assert.equal(await part, stream)
      }
    })
    assert.deepEqual([await found('a'), await found('b'), await found('c')], [ALL, NOTHING, ALL])
    assert.equal((await suite.store().readAll(0, 100)).length, 3 + 4)
  })

  test('after a part that threw its stream can be written again, in the same transaction and later', async () => {
    await stand('a', 0)
    await suite.store().transact(async (tx) => {
      const broken = tx.apart(async () => {
        await changeAll(tx, 'a')
        throw new Error('broken')
      })
      await assert.rejects(broken, /broken/)
      assert.equal(await tx.lock('a-new'), null)
      assert.equal((await tx.lock('a'))?.version, 1)
      await tx.apart(() => changeAll(tx, 'a'))
    })
    assert.deepEqual(await found('a'), ALL)
  })

  test('a part within a part is taken back alone, or with the whole', async () => {
    await stand('a', 0)
    await stand('b', 0)
    const inner = (tx: StoreTransaction) =>
      tx.apart(async () => {
        await changeAll(tx, 'b')
        throw new Error('inner')
      })
    await suite.store().transact((tx) =>
      tx.apart(async () => {
        await changeAll(tx, 'a')
        await assert.rejects(inner(tx), /inner/)
      }),
    )
    assert.deepEqual([await found('a'), await found('b')], [ALL, NOTHING])
    await stand('c', 0)
    await suite.store().transact(async (tx) => {
      const outer = tx.apart(async () => {
        await tx.apart(() => changeAll(tx, 'b'))
        await changeAll(tx, 'c')
        throw new Error('outer')
      })
      await assert.rejects(outer, /outer/)
    })
    assert.deepEqual([await found('b'), await found('c')], [NOTHING, NOTHING])
  })

  test('a stream that was begun in a part that threw does not exist', async () => {
    await suite.store().transact(async (tx) => {
      const part = tx.apart(async () => {
        await tx.append('new', 0, [happened('Begun')])
        throw new Error('broken')
      })
      await assert.rejects(part, /broken/)
    })
    assert.equal(await suite.store().row('new'), null)
    await suite.append('new', 0, 'Begun')
    assert.equal((await suite.store().row('new'))?.version, 1)
  })

  test('who wants to know when all is written hears of it then, and not of what fails', async () => {
    const heard: string[] = []
    await suite.store().transact(async (tx) => {
      tx.onWritten(() => heard.push('written'))
      await tx.append('a', 0, [happened('Begun')])
      assert.deepEqual(heard, [])
    })
    assert.deepEqual(heard, ['written'])
    const failing = suite.store().transact(async (tx) => {
      tx.onWritten(() => heard.push('failed'))
      throw new Error('no')
    })
    await assert.rejects(failing, /no/)
    assert.deepEqual(heard, ['written'])
  })

  test('streams that are to be left alone are not claimed', async () => {
    for (const stream of ['a', 'b', 'c']) await stand(stream, 0)
    await suite.store().transact(async (tx) => {
      const rows = await tx.lockDue(10, ['b', 'unknown'])
      assert.deepEqual(rows.map(({ stream }) => stream).toSorted(), ['a', 'c'])
    })
  })
}
