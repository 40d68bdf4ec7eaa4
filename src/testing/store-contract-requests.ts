/** Requests that may be repeated: what every store keeps about them. */
import { strict as assert } from 'node:assert'
import type { OnceKey, Recalled } from '../ports/identity.ts'
import { happened, type Suite } from './store-suite.ts'

const ONCE: OnceKey = { owner: 'person:alex', key: 'k1', fingerprint: 'a' }

export function requestsContract(suite: Suite): void {
  const { test } = suite

  /** Begins one stream for the first of its key, as a request does. */
  async function ask(once: OnceKey, stream: string): Promise<Recalled> {
    return suite.store().transact(async (tx) => {
      const recalled = await tx.claim(once)
      if (recalled.kind !== 'first') return recalled
      await tx.append(stream, 0, [happened('Begun')])
      await tx.answer(once, { began: stream })
      return recalled
    })
  }

  test('the first of a key is answered, and its repetitions hear the same answer', async () => {
    assert.deepEqual(await suite.store().recall(ONCE), { kind: 'first' })
    assert.deepEqual(await ask(ONCE, 's1'), { kind: 'first' })
    assert.deepEqual(await ask(ONCE, 's2'), { kind: 'known', answer: { began: 's1' } })
    assert.deepEqual(await suite.store().recall(ONCE), { kind: 'known', answer: { began: 's1' } })
    assert.equal(await suite.store().size(), 1)
  })

  test('the same key with another content is another request, and is told so', async () => {
    await ask(ONCE, 's1')
    const other = { ...ONCE, fingerprint: 'b' }
    assert.deepEqual(await ask(other, 's2'), { kind: 'other' })
    assert.deepEqual(await suite.store().recall(other), { kind: 'other' })
    assert.equal(await suite.store().size(), 1)
  })

  test('a key is its sender’s own', async () => {
    await ask(ONCE, 's1')
    assert.deepEqual(await ask({ ...ONCE, owner: 'person:kim' }, 's2'), { kind: 'first' })
    assert.deepEqual(await ask({ ...ONCE, key: 'k2' }, 's3'), { kind: 'first' })
  })

  test('of twelve equal requests at once one has an effect, and all hear its answer', async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(ONCE, `s${index}`)))
    assert.equal(asked.filter(({ kind }) => kind === 'first').length, 1)
    assert.equal(await suite.store().size(), 1)
    const [event] = await suite.store().readAll(0, 1)
    const known = asked.flatMap((recalled) => (recalled.kind === 'known' ? [recalled.answer] : []))
    assert.deepEqual(
      known,
      Array.from({ length: 11 }, () => ({ began: event?.stream })),
    )
  })

  test('of equal keys with different contents at once one has an effect, and the others are told', async () => {
    const fingerprints = ['a', 'b', 'c', 'd', 'e', 'f']
    const asked = await Promise.all(
      fingerprints.map((fingerprint) => ask({ ...ONCE, fingerprint }, `s-${fingerprint}`)),
    )
    assert.deepEqual(asked.map(({ kind }) => kind).toSorted(), ['first', ...Array<string>(5).fill('other')])
    assert.equal(await suite.store().size(), 1)
  })

  test('one that failed has not happened: its key is free, also for who waited', async () => {
    const failing = suite.store().transact(async (tx) => {
      await tx.claim(ONCE)
      await tx.answer(ONCE, { began: 'nothing' })
      throw new Error('crash')
    })
    const waiting = ask(ONCE, 's1')
    await assert.rejects(failing, /crash/)
    assert.deepEqual(await waiting, { kind: 'first' })
    assert.deepEqual(await suite.store().recall(ONCE), { kind: 'known', answer: { began: 's1' } })
  })

  test('many others do not push a key out', async () => {
    await ask(ONCE, 's1')
    for (let count = 0; count < 60; count++) await ask({ ...ONCE, key: `other ${count}` }, `other-${count}`)
    assert.deepEqual(await ask(ONCE, 's2'), { kind: 'known', answer: { began: 's1' } })
  })
}
