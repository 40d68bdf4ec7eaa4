/** Waits of any length: none fires at once, none before its time, none is NaN. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as routers from '../src/router/clock.ts'
import * as ours from '../src/timers.ts'

const DAY_MS = 86_400_000
/** Beyond 2^31-1 ms, just at it, and what a timer of Node would make 1 ms of. */
const LONG = [2 ** 31 - 1, 2 ** 31, 30 * DAY_MS, 3650 * DAY_MS, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]

for (const [name, timers] of [
  ['src/timers.ts', ours],
  ['src/router/clock.ts', routers],
] as const) {
  test(`${name}: no wait beyond a timer of Node fires at once`, async () => {
    for (const ms of LONG) {
      let fired = 0
      const timer = timers.startTimer(() => fired++, ms)
      const tick = timers.startInterval(() => fired++, ms)
      const limit = timers.timeLimit(ms)
      const cut = new AbortController()
      const late = timers.delay(ms, undefined, { signal: cut.signal }).then(
        () => fired++,
        (error: unknown) => error,
      )
      await timers.delay(20)
      assert.deepEqual([fired, limit.aborted], [0, false], `${ms} ms`)
      timer.stop()
      tick.stop()
      cut.abort(new Error('cut'))
      assert.match(String(await late), /cut/)
    }
  })

  test(`${name}: a wait of several timers ends when all of them have`, (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let nowMs = 0
    t.mock.method(performance, 'now', () => nowMs)
    let fired = 0
    timers.startTimer(() => fired++, 60 * DAY_MS)
    const advance = (ms: number) => {
      nowMs += ms
      t.mock.timers.tick(ms)
    }
    for (let day = 0; day < 59; day++) advance(DAY_MS)
    assert.equal(fired, 0)
    advance(DAY_MS)
    assert.equal(fired, 1)
  })

  test(`${name}: below zero is at once, NaN is an error, and an aborted signal waits for nothing`, async () => {
    await timers.delay(-5)
    await timers.delay(Number.NEGATIVE_INFINITY)
    for (const start of [timers.startTimer, timers.startInterval]) {
      assert.throws(() => start(() => undefined, Number.NaN), /NaN/)
    }
    assert.throws(() => timers.timeLimit(Number.NaN), /NaN/)
    await assert.rejects(timers.delay(1000, undefined, { signal: AbortSignal.abort(new Error('over')) }), /over/)
  })
}
