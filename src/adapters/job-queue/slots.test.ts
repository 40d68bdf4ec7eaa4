import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Slots } from './slots.ts'

/** A queue on which `most` may work; `woken` names who was woken, in order. */
async function queueOf(most: number) {
  const woken: string[] = []
  const failed: unknown[] = []
  const hired: string[] = []
  let trouble: Error | null = null
  const slots = new Slots(
    (id) => woken.push(id),
    (error) => failed.push(error),
  )
  const hire = async () => {
    if (trouble) throw trouble
    hired.push(`w${hired.length + 1}`)
    return hired.at(-1) as string
  }
  await slots.open('command', { most, hire })
  const settled = () => new Promise(setImmediate)
  const fail = (error: Error | null) => {
    trouble = error
  }
  return { slots, woken, hired, failed, settled, fail }
}

describe('workers of a queue', () => {
  it('one is there, and is woken as often as anybody asks', async () => {
    const { slots, woken, hired, settled } = await queueOf(16)
    for (let times = 0; times < 3; times += 1) slots.wake('command')
    await settled()
    assert.deepEqual([hired, woken], [['w1'], ['w1', 'w1', 'w1']])
  })

  it('whoever finds a job takes on the next one, up to as many as may work', async () => {
    const { slots, woken, hired, settled } = await queueOf(3)
    const { promise, resolve } = Promise.withResolvers<void>()
    const jobs = []
    for (const id of ['w1', 'w2', 'w3']) {
      jobs.push(slots.busy('command', id, () => promise))
      await settled()
    }
    assert.deepEqual([hired, woken], [['w1', 'w2', 'w3'], []])
    resolve()
    await Promise.all(jobs)
    assert.deepEqual(woken, ['w1', 'w2', 'w3'], 'each looks again when its job has ended')
  })

  it('wakes who is there before it takes on another one, the longest idle first', async () => {
    const { slots, woken, hired, settled } = await queueOf(3)
    await slots.busy('command', 'w1', settled)
    assert.deepEqual([hired, woken], [['w1', 'w2'], ['w1']])
    woken.length = 0
    for (let times = 0; times < 3; times += 1) slots.wake('command')
    assert.deepEqual(woken, ['w2', 'w1', 'w2'])
    await slots.busy('command', 'w2', settled)
    assert.deepEqual(hired, ['w1', 'w2'])
  })

  it('one that could not be taken on is told, and tried again', async () => {
    const { slots, hired, failed, settled, fail } = await queueOf(2)
    fail(new Error('no connection'))
    await slots.busy('command', 'w1', settled)
    assert.deepEqual([hired, failed.map(String)], [['w1'], ['Error: no connection']])
    fail(null)
    await slots.busy('command', 'w1', settled)
    assert.deepEqual(hired, ['w1', 'w2'])
  })

  it('nobody is woken or taken on when the queue was stopped', async () => {
    const { slots, woken, hired, settled } = await queueOf(2)
    slots.clear()
    slots.wake('command')
    await settled()
    assert.deepEqual([hired, woken], [['w1'], []])
  })
})
