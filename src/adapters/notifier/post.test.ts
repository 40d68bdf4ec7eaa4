import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../core/time.ts'
import { judged, retryAfterMs } from './post.ts'

const NOW = instant(Date.parse('2026-11-30T12:00:00Z'))

test('Retry-After says seconds or a moment in GMT; what is over or unreadable says nothing', () => {
  assert.equal(retryAfterMs('30', NOW), 30_000)
  assert.equal(retryAfterMs('Mon, 30 Nov 2026 12:01:30 GMT', NOW), 90_000)
  for (const nothing of [null, '', '0', '-5', '1.5', 'soon', 'Mon, 30 Nov 2026 11:59:00 GMT', '2026-11-30', 'GMT'])
    assert.equal(retryAfterMs(nothing, NOW), null, String(nothing))
})

test('it counts with 429 and 503 alone', () => {
  const asked = (status: number) => {
    const answer = { status, headers: new Headers({ 'retry-after': '30' }), text: '' }
    const taken = judged(answer, { host: 'chat', redact: (text) => text, now: NOW })
    return taken.ok ? null : [taken.kind, taken.retryAfterMs]
  }
  assert.deepEqual(asked(429), ['transient', 30_000])
  assert.deepEqual(asked(503), ['transient', 30_000])
  assert.deepEqual(asked(500), ['transient', undefined])
  assert.deepEqual(asked(404), ['permanent', undefined])
  assert.equal(asked(202), null)
})
