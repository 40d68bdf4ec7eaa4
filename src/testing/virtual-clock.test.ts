import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { after, instant } from '../core/time.ts'
import { virtualClock } from './virtual-clock.ts'

const START = instant(1_000_000)

test('time stands still until it is moved', async () => {
  const clock = virtualClock(START)
  let woken = false
  const sleeper = async () => {
    await clock.sleepUntil(after(START, 10))
    woken = true
  }
  void sleeper()
  await clock.advance(9)
  assert.equal(woken, false)
  await clock.advance(1)
  assert.equal(woken, true)
  assert.equal(clock.now(), START + 10)
})

test('sleepers wake in the order of their moments, at their moments', async () => {
  const clock = virtualClock(START)
  const woken: [string, number][] = []
  const sleeper = async (name: string, ms: number) => {
    await clock.sleepUntil(after(START, ms))
    woken.push([name, clock.now() - START])
  }
  void sleeper('late', 30)
  void sleeper('first', 10)
  void sleeper('second', 10)
  await clock.advance(100)
  assert.deepEqual(woken, [
    ['first', 10],
    ['second', 10],
    ['late', 30],
  ])
})

test('who goes to sleep again on the way is woken on the way', async () => {
  const clock = virtualClock(START)
  const ticks: number[] = []
  void (async () => {
    for (let tick = 1; tick <= 3; tick++) {
      await clock.sleepUntil(after(clock.now(), 10))
      ticks.push(clock.now() - START)
    }
  })()
  await clock.runUntilIdle()
  assert.deepEqual(ticks, [10, 20, 30])
  assert.equal(clock.sleepers(), 0)
})

test('an abort ends a sleep with its reason', async () => {
  const clock = virtualClock(START)
  const abort = new AbortController()
  const sleep = clock.sleepUntil(after(START, 10), abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(sleep, /enough/)
  await assert.rejects(clock.sleepUntil(after(START, 10), abort.signal), /enough/)
  assert.equal(clock.sleepers(), 0)
})

test('the clock can be set back, and advancing back is refused', async () => {
  const clock = virtualClock(START)
  let woken = false
  const sleeper = async () => {
    await clock.sleepUntil(after(START, 10))
    woken = true
  }
  void sleeper()
  await clock.jump(-3_600_000)
  assert.equal(clock.now(), START - 3_600_000)
  await clock.advance(9)
  assert.equal(woken, false)
  await clock.advance(1)
  assert.equal(woken, true, 'a sleep of 10 ms lasts 10 ms, whatever the clock says')
  await assert.rejects(clock.advanceTo(instant(START - 3_600_001)), /use jump/)
})

test('who never comes to rest is reported', async () => {
  const clock = virtualClock(START)
  const abort = new AbortController()
  const loop = (async () => {
    while (!abort.signal.aborted) await clock.sleepUntil(after(clock.now(), 1000), abort.signal)
  })()
  await assert.rejects(clock.runUntilIdle(60_000), /1 still asleep after 60000 ms/)
  abort.abort()
  await assert.rejects(loop)
})
