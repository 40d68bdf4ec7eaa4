/** Streams, environments and quarantine: what every store keeps about its rows. */
import { strict as assert } from 'node:assert'
import { after } from '../core/time.ts'
import type { Store, StoreTransaction, StreamFacts } from '../ports/store.ts'
import { FACTS, type Suite } from './store-suite.ts'

export function rowsContract(suite: Suite): void {
  const { test, append, stand } = suite

  test('due rows come oldest first, and rows that others hold are skipped', async () => {
    await stand('late', 3000)
    await stand('early', 1000)
    await stand('never', null)
    await stand('middle', 2000)
    const due = (limit: number) =>
      suite.store().transact(async (tx) => (await tx.lockDue(limit)).map((row) => row.stream))
    await suite.clock().advance(999)
    assert.deepEqual(await due(10), [])
    await suite.clock().advance(2001)
    assert.deepEqual(await due(2), ['early', 'middle'])
    await suite.store().transact(async (tx) => {
      await tx.lock('early')
      assert.deepEqual(await due(10), ['middle', 'late'])
      assert.deepEqual(
        (await tx.lockDue(1)).map((row) => row.stream),
        ['early'],
      )
    })
  })

  test('what should have been driven, or is asked for by name, is told with when that was', async () => {
    await stand('due', 1000)
    await stand('overdue', 500)
    await stand('never', null)
    await stand('later', 60_000)
    const start = suite.clock().now()
    await suite.clock().advance(1000)
    const found = async (named: readonly string[]) =>
      (await suite.store().overdue(after(start, 1000), named)).map(({ stream, kind, nextDue }) => [
        stream,
        kind,
        nextDue === null ? null : nextDue - start,
      ])
    assert.deepEqual(await found([]), [['overdue', 'rollout', 500]])
    assert.deepEqual(await found(['never', 'later', 'nobody']), [
      ['overdue', 'rollout', 500],
      ['later', 'rollout', 60_000],
      ['never', 'rollout', null],
    ])
  })

  test('after the clock was set back, rows from the future are due', async () => {
    await stand('s1', 60_000)
    await stand('final', null)
    await suite.clock().jump(-4000)
    const due = () => suite.store().transact(async (tx) => (await tx.lockDue(10)).map((row) => row.stream))
    assert.deepEqual(await due(), [])
    await suite.clock().jump(-3_600_000)
    assert.deepEqual(await due(), ['s1'])
    await suite.store().transact(async (tx) => {
      const [row] = await tx.lockDue(1)
      assert.ok(row)
      await tx.saveStream({ ...row, nextDue: after(tx.now(), 60_000) }, FACTS)
    })
    assert.deepEqual(await due(), [])
  })

  test('the row of a stream keeps its state and its facts', async () => {
    assert.equal(await suite.store().row('s1'), null)
    await stand('s1', 500, { phase: 'gates', counts: [1, 2] })
    const nextDue = after(suite.clock().now(), 500)
    const row = { stream: 's1', version: 1, state: { phase: 'gates', counts: [1, 2] }, nextDue }
    assert.deepEqual(await suite.store().row('s1'), row)
    assert.deepEqual(await suite.store().transact((tx) => tx.lock('s1')), row)
    assert.equal(await suite.store().transact((tx) => tx.lock('nobody')), null)
  })

  test('a stream without a saved row has a version and no state', async () => {
    await append('s1', 0, 'A', 'B')
    assert.deepEqual(await suite.store().row('s1'), { stream: 's1', version: 2, state: null, nextDue: null })
    assert.deepEqual(await suite.store().list({}), [])
  })

  test('events that are appended without saving the row void its state and nothing else', async () => {
    await stand('s1', 500, { phase: 'gates' })
    await append('s1', 1, 'B')
    const nextDue = after(suite.clock().now(), 500)
    assert.deepEqual(await suite.store().row('s1'), { stream: 's1', version: 2, state: null, nextDue })
    assert.deepEqual(
      (await suite.store().list({})).map((row) => row.phase),
      ['gates'],
    )
  })

  test('a row that runs ahead of the log is a programmer error', async () => {
    await append('s1', 0, 'A')
    const save = (stream: string, version: number) =>
      suite.store().transact((tx) => tx.saveStream({ stream, version, state: {}, nextDue: null }, FACTS))
    await assert.rejects(save('s1', 2), /at version 1: its row cannot say 2/)
    await assert.rejects(save('nobody', 1), /at version 0: its row cannot say 1/)
    await save('s1', 1)
  })

  test('streams are listed newest first, by kind, service and environment', async () => {
    const begin = async (stream: string, facts: Partial<StreamFacts>) => {
      await stand(stream, null)
      await suite
        .store()
        .transact((tx) => tx.saveStream({ stream, version: 1, state: {}, nextDue: null }, { ...FACTS, ...facts }))
      await suite.clock().advance(10)
    }
    const start = suite.clock().now()
    await begin('r1', {})
    await begin('r2', { environment: 'stage', phase: 'finalized', final: true })
    await begin('i1', { kind: 'incident', environment: null, version: null })
    await begin('r3', { service: 'mail' })
    const names = async (filter: Parameters<Store['list']>[0]) =>
      (await suite.store().list(filter)).map((row) => row.stream)
    assert.deepEqual(await names({}), ['r3', 'i1', 'r2', 'r1'])
    assert.deepEqual(await names({ limit: 2 }), ['r3', 'i1'])
    assert.deepEqual(await names({ kind: 'rollout' }), ['r3', 'r2', 'r1'])
    assert.deepEqual(await names({ service: 'shop', kind: 'rollout' }), ['r2', 'r1'])
    assert.deepEqual(await names({ service: 'shop', environment: 'prod' }), ['r1'])
    assert.deepEqual(await names({ final: true }), ['r2'])
    assert.deepEqual(await names({ final: false, service: 'shop' }), ['i1', 'r1'])
    const [stage] = await suite.store().list({ environment: 'stage' })
    const moments = { createdAt: after(start, 10), updatedAt: after(start, 10) }
    assert.deepEqual(stage, {
      ...FACTS,
      environment: 'stage',
      phase: 'finalized',
      final: true,
      stream: 'r2',
      ...moments,
    })
  })

  test('an environment is created empty, kept, and locked', async () => {
    const empty = { service: 'shop', environment: 'prod', holder: null, facts: null, queue: [] }
    assert.equal(await suite.store().environment('shop', 'prod'), null)
    assert.deepEqual(await suite.store().transact((tx) => tx.lockEnvironment('shop', 'prod')), empty)
    const taken = { ...empty, holder: 's1', facts: { version: 'v1' }, queue: ['s2', 's3'] }
    await suite.store().transact(async (tx) => {
      await tx.saveEnvironment(taken)
      assert.deepEqual(await tx.lockEnvironment('shop', 'prod'), taken)
    })
    assert.deepEqual(await suite.store().environment('shop', 'prod'), taken)
    await suite.store().transact((tx) => tx.lockEnvironment('mail', 'prod'))
    assert.deepEqual(await suite.store().environments(), [{ ...empty, service: 'mail' }, taken])
  })

  test('who takes an environment at the same time waits for the other one', async () => {
    const take = (holder: string) =>
      suite.store().transact(async (tx: StoreTransaction) => {
        const row = await tx.lockEnvironment('shop', 'prod')
        await tx.saveEnvironment(row.holder ? { ...row, queue: [...row.queue, holder] } : { ...row, holder })
      })
    await Promise.all(['s1', 's2', 's3'].map(take))
    const row = await suite.store().environment('shop', 'prod')
    assert.deepEqual([row?.holder, ...(row?.queue ?? [])].toSorted(), ['s1', 's2', 's3'])
  })

  test('an identity is barred from one environment until that is lifted', async () => {
    const bar = (reason: string | null) =>
      suite.store().transact((tx) => tx.setQuarantine('shop', 'prod', 'sha256:bad', reason))
    const isBarred = (environment: string, identity: string) =>
      suite.store().transact((tx) => tx.isQuarantined('shop', environment, identity))
    await bar('rolled back')
    await bar('rolled back again')
    assert.equal(await isBarred('prod', 'sha256:bad'), true)
    assert.equal(await isBarred('stage', 'sha256:bad'), false)
    assert.equal(await isBarred('prod', 'sha256:good'), false)
    await suite.store().transact(async (tx) => {
      await tx.setQuarantine('shop', 'prod', 'sha256:bad', null)
      assert.equal(await tx.isQuarantined('shop', 'prod', 'sha256:bad'), false)
    })
    assert.equal(await isBarred('prod', 'sha256:bad'), false)
  })
}
