/** Goal: people hear of a log that is not trusted once per host that doubts it, and of its end, whatever else is repeated. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RolloutState } from './state.ts'
import { trustNews } from './trust-news.ts'

const of = (...doubtedBy: readonly string[]) => ({ doubtedBy }) as unknown as RolloutState

describe('whether the log is trusted', () => {
  it('is news when it changes, for each host by itself', () => {
    const doubted = (host: string) => ({ type: 'log-trust', host, why: 'event 5 was changed' }) as const
    const trusted = (host: string) => ({ type: 'log-trust', host, why: null }) as const
    assert.deepEqual(trustNews({} as RolloutState, doubted('a')), [
      { type: 'LogDoubted', data: { host: 'a', why: 'event 5 was changed' } },
    ])
    assert.equal(trustNews(of('a'), doubted('b')).length, 1)
    assert.deepEqual(trustNews(of('a', 'b'), doubted('a')), [])
    assert.deepEqual(trustNews(of('a'), trusted('b')), [])
    assert.deepEqual(trustNews(of('a', 'b'), trusted('a')), [{ type: 'LogTrusted', data: { host: 'a' } }])
  })

  it('is told on one line of bounded length, whatever somebody wrote into the database', () => {
    const [event] = trustNews(of(), { type: 'log-trust', host: 'a', why: `x\n\u001b[31m${'y'.repeat(5000)}` })
    assert.ok(event?.type === 'LogDoubted')
    assert.match(event.data.why, /^x y{300,}…$/)
    assert.ok(event.data.why.length <= 500)
  })
})
