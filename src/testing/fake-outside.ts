/** Everything outside the engine, in memory and on the test's clock: one platform and one router per component. */
import type { Plan } from '../core/plan.ts'
import type { Instant } from '../core/time.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Message } from '../core/rollout/message.ts'
import { failure, ok, type Result } from '../ports/result.ts'
import { type FakeMetrics, fakeMetrics, type FakeTraffic } from './fake-metrics.ts'
import { type FakePlatform, fakePlatform, type FakePlatformOptions } from './fake-platform.ts'
import { type FakeRouter, fakeRouter, type FakeRouterOptions } from './fake-router.ts'

export type OutsideOptions = {
  readonly now: () => Instant
  /** The clock that metrics are dated by; `now` when absent. */
  readonly dated?: () => Instant
  readonly platform?: Omit<FakePlatformOptions, 'now'>
  readonly router?: FakeRouterOptions
  readonly traffic?: Partial<FakeTraffic>
  readonly gate?: (kind: string) => Verdict['outcome']
  readonly smokePasses?: (version: string | null) => boolean
  readonly deliver?: (message: Message) => Result<{ readonly receipt: string }>
}

export type FakeOutside = {
  readonly adapters: Adapters
  readonly platform: FakePlatform
  readonly router: FakeRouter
  readonly metrics: FakeMetrics
  readonly messages: readonly Message[]
}

export function fakeOutside(options: OutsideOptions): FakeOutside {
  const { now, dated = now } = options
  const platform = fakePlatform({ now, ...options.platform })
  const metrics = fakeMetrics({ seed: 7, now, dated, traffic: { rps: 50, ...options.traffic } })
  const router = fakeRouter({
    ...options.router,
    changed: (desired) => {
      metrics.change({ weights: desired.weights })
      options.router?.changed?.(desired)
    },
  })
  const messages: Message[] = []
  const done = async () => ok({ output: 'done' })
  const adapters: Adapters = {
    platform: () => platform,
    router: () => router,
    metrics: () => metrics,
    gate: (_, { id }) => ({
      check: async ({ now: at }) => {
        const outcome = options.gate?.(id) ?? 'pass'
        return {
          rule: id,
          outcome,
          expected: 'pass',
          actual: outcome,
          source: 'fake',
          observedAt: at,
          text: `${id} is ${outcome}`,
        }
      },
    }),
    smoke: () => ({ run: async ({ baseUrls, checks }) => smoke(options, platform, { baseUrls, checks }) }),
    migration: () => ({ expand: done, down: done }),
    run: done,
    notifier: () => ({
      deliver: async (message) => {
        const answer = options.deliver?.(message) ?? ok({ receipt: 'fake' })
        if (answer.ok) messages.push(message)
        return answer
      },
    }),
    secrets: { read: async (reference) => failure('permanent', `no secret ${JSON.stringify(reference)}`) },
  }
  return { adapters, platform, router, metrics, messages }
}

type SmokeAsked = { readonly baseUrls: readonly string[]; readonly checks: Plan['smoke'] }

function smoke(options: OutsideOptions, platform: FakePlatform, { baseUrls, checks }: SmokeAsked) {
  const slot = (['blue', 'green'] as const).find((name) =>
    platform.peek(name).upstreams.some((one) => baseUrls.includes(`http://${one}`)),
  )
  const version = slot ? platform.peek(slot).version : null
  const passed = options.smokePasses?.(version) ?? true
  const ran = baseUrls.flatMap((url) =>
    checks.map(({ name }) => ({ name, url, passed, expected: '200', actual: passed ? '200' : '500', durationMs: 1 })),
  )
  return ok({ passed: passed && ran.length > 0, checks: ran })
}
