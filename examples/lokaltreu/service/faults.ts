/**
 * The ways in which a build of ours is broken on purpose: one function per way, compiled into one bad build each (see
 * `builds.ts`). They count instead of rolling dice, so that a bad build is bad in the same way every time.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, type Request, refusal } from './answer.ts'

/** Where a fault can bite. A good build has none of these. */
export type Fault = {
  /** Before anything else happens in the process. */
  readonly atStart?: () => void
  readonly onListening?: () => void
  /** Before the work of each `/v1` request that has passed all checks; an answer given here replaces the work. */
  readonly beforeWork?: (request: Pick<Request, 'route' | 'dryRun'>) => Promise<Answer | undefined>
  /** A reason makes `/readiness` answer 503. */
  readonly notReady?: () => string | undefined
  readonly ignoresPlanLimit?: boolean
  readonly ignoresSigterm?: boolean
}

/** Fails `share` (0-1) of the real bookings, from the first on; dry runs and reads, and so smoke tests, stay green. */
export function failing({ share }: { share: number }): Fault {
  let owed = 0
  return {
    async beforeWork({ route, dryRun }) {
      if (dryRun || !route.startsWith('POST')) return undefined
      owed += share
      if (owed < 1) return undefined
      owed -= 1
      return broken()
    },
  }
}

/** Serves `perSecond` requests within any second and fails what comes above. */
export function failingUnderLoad({ perSecond }: { perSecond: number }): Fault {
  let served: number[] = []
  return {
    async beforeWork() {
      const now = performance.now()
      served = served.filter((at) => at > now - 1000)
      if (served.length >= perSecond) return broken()
      served.push(now)
      return undefined
    },
  }
}

/** Adds `ms` to four of five requests. */
export function slow({ ms }: { ms: number }): Fault {
  let count = 0
  return {
    async beforeWork() {
      count += 1
      if (count % 5 !== 0) await delay(ms)
      return undefined
    },
  }
}

/** Takes the first `after` requests, then answers no more; health and readiness know nothing of it. */
export function hanging({ after }: { after: number }): Fault {
  let count = 0
  return {
    async beforeWork() {
      count += 1
      if (count > after) await new Promise(() => {})
      return undefined
    },
  }
}

/** Keeps `mbPerSecond` while requests come, up to `mbMax`, and gives nothing back. */
export function leaking({ mbPerSecond, mbMax }: { mbPerSecond: number; mbMax: number }): Fault {
  const kept: Buffer[] = []
  let servedAt = Number.NEGATIVE_INFINITY
  function leak(): void {
    const serving = performance.now() - servedAt < 1000
    if (serving && kept.length < mbMax) kept.push(Buffer.alloc(2 ** 20, 1))
  }
  return {
    onListening: () => void setInterval(leak, 1000 / mbPerSecond),
    async beforeWork() {
      servedAt = performance.now()
      return undefined
    },
  }
}

/** Ready for `steadyMs`, long enough to be given traffic; from then on readiness turns over every `everyMs`. */
export function flapping({ steadyMs, everyMs }: { steadyMs: number; everyMs: number }): Fault {
  let since: number | undefined
  return {
    notReady() {
      since ??= performance.now()
      const ms = performance.now() - since - steadyMs
      return ms >= 0 && Math.floor(ms / everyMs) % 2 === 0 ? 'the cache is warming up' : undefined
    },
  }
}

export function crashing({ afterMs }: { afterMs: number }): Fault {
  return { onListening: () => void setTimeout(() => fall('unhandled error in the stamp sweeper'), afterMs) }
}

export function exitingAtOnce(): Fault {
  return { atStart: () => fall('cannot read the price list') }
}

export function neverReady(): Fault {
  return { notReady: () => 'waiting for a queue that does not exist' }
}

/** Smoke tests see it: a shop beyond its plan is served. */
export function ignoringPlanLimit(): Fault {
  return { ignoresPlanLimit: true }
}

export function ignoringSigterm(): Fault {
  return { ignoresSigterm: true }
}

function broken(): Answer {
  return refusal(500, 'internal', 'Something broke on our side. Nothing was booked; please try again.')
}

function fall(message: string): never {
  console.error(message)
  process.exit(1)
}
