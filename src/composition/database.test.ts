/** What is done when the embedded PostgreSQL ends by itself: on a clock that jumps from wait to wait. */
import { english } from '../core/say.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { after, type Instant, instant } from '../core/time.ts'
import { StellwerkError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { supervise } from './database.ts'

function jumpingClock(): Clock & { readonly waits: number[] } {
  let now: Instant = instant(0)
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    async sleepUntil(until) {
      waits.push(until - now)
      if (until > now) now = until
    },
  }
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

type Life = {
  readonly up: () => boolean
  readonly revive: (attempt: number) => void
  readonly until: (looks: number) => boolean
}

async function play({ up, revive, until }: Life) {
  const clock = jumpingClock()
  const stopping = new AbortController()
  let [looks, attempts] = [0, 0]
  let lost: Error | null = null
  const database = {
    pid: 1,
    home: '/data/postgres',
    isUp: () => {
      if (until(++looks)) stopping.abort()
      return up()
    },
    revive: async () => revive(++attempts),
  }
  const onLost = (error: Error) => {
    lost = error
  }
  await supervise(database, { clock, log, onLost }, stopping.signal)
  return { attempts, looks, clock, lost: lost as Error | null }
}

test('one that ends is started again, at once the first time', async () => {
  let isUp = false
  const { attempts, lost, clock } = await play({
    up: () => isUp,
    revive: () => {
      isUp = true
    },
    until: (looks) => looks > 3,
  })
  assert.deepEqual([attempts, lost, clock.waits[0]], [1, null, 0])
})

test('one that does not start is tried with growing pauses, and given up after two minutes with what to do', async () => {
  const { attempts, lost, clock } = await play({
    up: () => false,
    revive: () => {
      throw new Error('the disk is full')
    },
    until: () => false,
  })
  assert.ok(attempts > 10 && attempts < 40, `${attempts} attempts`)
  assert.deepEqual(clock.waits.slice(0, 5), [0, 250, 1000, 5000, 5000])
  assert.ok(lost instanceof StellwerkError)
  assert.match(
    `${lost.message} ${english(lost.text.serving ?? '')} ${english(lost.text.fix ?? '')}`,
    /cannot be brought back.*the disk is full.*go on without.*postgres\.log.*stellwerk up/,
  )
  assert.equal(after(instant(0), 120_000) <= clock.now(), true)
})

test('one that ends again and again is given up; one that ends now and then is not', async () => {
  const always = await play({ up: () => false, revive: () => undefined, until: () => false })
  assert.match(String(always.lost), /ended 11 times within 10 minutes/)
  let looks = 0
  const rarely = await play({ up: () => ++looks % 400 !== 0, revive: () => undefined, until: (seen) => seen > 40_000 })
  assert.deepEqual([rarely.attempts, rarely.lost], [100, null])
})

test('an end that was asked for starts nothing', async () => {
  const { attempts, lost } = await play({ up: () => false, revive: () => undefined, until: (looks) => looks > 0 })
  assert.deepEqual([attempts, lost], [0, null])
})
