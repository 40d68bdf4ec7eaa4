import assert from 'node:assert/strict'
import { test } from 'node:test'
import { after, instant } from '../core/time.ts'
import { systemClock } from './clock.ts'

test('a sleep is not prolonged by a clock that is set back meanwhile', async (context) => {
  const began = Date.now()
  context.mock.timers.enable({ apis: ['Date'], now: began })
  const from = performance.now()
  const asleep = systemClock.sleepUntil(after(instant(began), 50), AbortSignal.timeout(5000))
  context.mock.timers.setTime(began - 3_600_000)
  // Another timer keeps the process alive: a sleep alone does not.
  const alive = setInterval(() => undefined, 1000)
  await asleep.finally(() => clearInterval(alive))
  assert.ok(performance.now() - from >= 49)
})
