import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { it } from 'node:test'
import { until } from '../testing/until.ts'
import { timeLimit } from './time-limit.ts'

it('aborts with what it was made of', () => {
  const outer = new AbortController()
  const { signal, release } = timeLimit(outer.signal, 60_000)
  assert.equal(signal.aborted, false)
  outer.abort('stopped')
  assert.equal(signal.reason, 'stopped')
  release()
  assert.equal(timeLimit(outer.signal, 60_000).signal.reason, 'stopped')
})

it('aborts as a timeout when the time is up', async () => {
  const { signal } = timeLimit(new AbortController().signal, 1)
  await until('it is late', () => signal.aborted)
  assert.equal((signal.reason as DOMException).name, 'TimeoutError')
})

it('leaves nothing behind once released, however long it might have waited', () => {
  const outer = new AbortController()
  const limits = [timeLimit(outer.signal, 1e12), timeLimit(outer.signal, 1)]
  assert.equal(getEventListeners(outer.signal, 'abort').length, 2)
  for (const { release } of limits) release()
  assert.equal(getEventListeners(outer.signal, 'abort').length, 0)
})
