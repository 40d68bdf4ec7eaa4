/**
 * A clock that stands still until a test moves it. Sleepers wake in the order of their moments; between two of them
 * everything that follows from the first is given the chance to happen, and to go to sleep again, before time moves on.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type Instant, instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'

export interface VirtualClock extends Clock {
  /** Moves time forward, waking whoever is due on the way. */
  advance(ms: number): Promise<void>
  /** Throws when `until` is in the past: jumping back is `jump`. */
  advanceTo(until: Instant): Promise<void>
  /**
   * Sets the clock as an operator or a broken NTP server would; wakes those who are then due. Backwards it prolongs no sleep.
   */
  jump(ms: number): Promise<void>
  /** Advances from sleeper to sleeper until nobody sleeps; throws after `limitMs` of virtual time (default 30 days). */
  runUntilIdle(limitMs?: number): Promise<void>
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>
  /** When the first sleeper wakes; null: nobody sleeps. */
  nextWake(): Instant | null
  /** How many are asleep. */
  sleepers(): number
}

type Sleeper = { readonly until: Instant; readonly order: number; readonly wake: () => void }

/** Enough turns of the event loop for a chain of promises and immediates to come to rest. */
const TURNS = 8

/** `turns`: one is enough where nothing but promises follows from a wake-up, and is quicker. */
export function virtualClock(start: Instant = instant(Date.UTC(2026, 0, 1)), turns = TURNS): VirtualClock {
  let now = start
  let order = 0
  let asleep: readonly Sleeper[] = []

  function next(until: Instant): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of asleep) {
      if (sleeper.until <= until && (first === undefined || byMoment(sleeper, first) < 0)) first = sleeper
    }
    return first
  }

  async function settle(): Promise<void> {
    for (let count = 0; count < turns; count++) await turn()
  }

  async function wakeUpTo(until: Instant): Promise<void> {
    await settle()
    for (let sleeper = next(until); sleeper !== undefined; sleeper = next(until)) {
      now = Math.max(now, sleeper.until) as Instant
      sleeper.wake()
      await settle()
    }
  }

  async function advanceTo(until: Instant): Promise<void> {
    if (until < now) throw new Error(`the virtual clock is at ${now}; it cannot advance back to ${until}: use jump`)
    await wakeUpTo(until)
    now = until
    await settle()
  }

  function sleepUntil(until: Instant, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (until <= now) return resolve()
      const leave = () => {
        asleep = asleep.filter((one) => one !== sleeper)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        leave()
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        until,
        order: order++,
        wake: () => {
          leave()
          resolve()
        },
      }
      asleep = [...asleep, sleeper]
      signal?.addEventListener('abort', abort)
    })
  }

  return {
    now: () => now,
    sleepUntil,
    advanceTo,
    settle,
    advance: (ms) => advanceTo(instant(now + ms)),
    async jump(ms) {
      now = instant(now + ms)
      if (ms < 0) asleep = asleep.map((sleeper) => Object.assign(sleeper, { until: instant(sleeper.until + ms) }))
      await wakeUpTo(now)
    },
    async runUntilIdle(limitMs = 30 * 86_400_000) {
      const end = instant(now + limitMs)
      await settle()
      while (asleep.length > 0) {
        const first = asleep.toSorted(byMoment)[0] as Sleeper
        if (first.until > end) throw new Error(`${asleep.length} still asleep after ${limitMs} ms of virtual time`)
        await advanceTo(Math.max(now, first.until) as Instant)
      }
    },
    nextWake: () => (asleep.length === 0 ? null : (Math.min(...asleep.map(({ until }) => until)) as Instant)),
    sleepers: () => asleep.length,
  }
}

function byMoment(left: Sleeper, right: Sleeper): number {
  return left.until - right.until || left.order - right.order
}
