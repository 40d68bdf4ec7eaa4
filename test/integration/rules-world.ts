/**
 * Whole rollouts over a real Prometheus: the spec as a team writes it, the engine, the core and the adapter are the real
 * ones on the clock on the wall; platform and router obey at once, and users are driven by the test.
 */
import assert from 'node:assert/strict'
import { systemClock } from '../../src/composition/clock.ts'
import type { Slot } from '../../src/core/observed.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'
import type { MetricsSource } from '../../src/ports/metrics-source.ts'

import { artifactOf, INPUTS, readSpec } from '../../src/stellwerk-yaml/fixture.ts'
import { planned } from '../../src/adapters/metrics/prometheus/options.ts'
import { sourceOf } from '../../src/adapters/metrics/prometheus/prometheus.ts'
import { prometheusContext } from './prometheus-context.ts'
import { compile } from '../../src/stellwerk-yaml/to-plan.ts'
import type { Behaviour } from '../../src/testing/fake-instances.ts'
import { type FakeOutside, fakeOutside } from '../../src/testing/fake-outside.ts'
import { memoryQueue } from '../../src/testing/memory-queue.ts'
import { memoryStore } from '../../src/testing/memory-store.ts'
import { until } from '../../src/testing/until.ts'
import { Exporter } from './prometheus-world.ts'

const USERS_EVERY_MS = 100
const REQUESTS_PER_LOOK = 20

export type Ruled = {
  /** The value of the list `analysis`, as it stands in the file. */
  readonly analysis: string
  readonly environment?: string
  readonly hold?: string
  /** One more key of `metrics`, `segmentLabel: route`. */
  readonly metrics?: string
  /** What each slot's page counts and says while it answers `requests` more of its users' requests. */
  readonly serve: (slot: Slot, requests: number, exporter: Exporter) => void
  /** How the candidate's instances behave on the platform. */
  readonly candidate?: Partial<Behaviour>
}

export type Rollout = {
  readonly exporter: Exporter
  readonly outside: FakeOutside
  /** v1 is live; answers the id of v2's rollout. */
  release(url: string): Promise<string>
  view(id: string): Promise<RolloutView>
  /** The first view of which `holds` is true. */
  viewUntil(id: string, what: string, holds: (view: RolloutView) => boolean): Promise<RolloutView>
  stop(): Promise<void>
}

export async function ruledRollout(service: string, ruled: Ruled): Promise<Rollout> {
  const exporter = await Exporter.start()
  const store = memoryStore({ clock: systemClock })
  const queue = memoryQueue({ clock: systemClock, store })
  const behaviour = ({ version }: { readonly version: string }): Partial<Behaviour> => ({
    // Long enough for some looks at live alone: what was before.
    readyAfterMs: version === 'v1' ? 200 : 3000,
    ...(version === 'v1' ? {} : ruled.candidate),
  })
  const outside = fakeOutside({ now: () => systemClock.now(), platform: { behaviour } })
  const adapters = { ...outside.adapters, metrics: prometheusOf }
  const shared = { store, queue, clock: systemClock, adapters, log: silent }
  const engine = createEngine(shared)
  let next: Plan | null = null
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => ({ ok: true, value: { plan: next!, planHash: 'h', identity: next!.artifact.version } }),
    audit: {
      verify: () => assert.fail('not under test'),
      checkpoint: () => assert.fail('not under test'),
      export: () => assert.fail('not under test'),
    },
    health: async () => ({ ok: true, checks: [] }),
  })
  const users = setInterval(() => serveUsers(outside, ruled, exporter), USERS_EVERY_MS)
  const view = async (id: string) => {
    const answer = await controlPlane.rollout(id)
    assert.ok(answer.ok)
    return answer.value
  }
  const viewUntil: Rollout['viewUntil'] = (id, what, holds) =>
    until(
      `${service}: ${what}`,
      async () => {
        const seen = await view(id)
        if (holds(seen)) return seen
        throw new Error(`${seen.phase}, ${seen.verdicts.map(({ text }) => text).join(' | ')}, ${seen.reason}`)
      },
      { timeoutMs: 50_000, everyMs: 50 },
    )
  const request = async (version: string, plan: Plan) => {
    next = plan
    const answer = await controlPlane.request({} as never, { id: 'person:alex', roles: [] }, null)
    assert.ok(answer.ok, JSON.stringify(answer))
    return { id: answer.value.id, version }
  }
  return {
    exporter,
    outside,
    view,
    viewUntil,
    release: async (url) => {
      await engine.start()
      const undemanding = { ...ruled, analysis: '[{ metric: memory, max: 10GB }]', hold: '100ms' }
      const first = await request('v1', planOf(service, 'v1', { ruled: undemanding, url }))
      await viewUntil(first.id, 'v1 is live', ({ phase }) => phase === 'finalized')
      return (await request('v2', planOf(service, 'v2', { ruled, url }))).id
    },
    stop: async () => {
      clearInterval(users)
      await engine.stop(1000)
      exporter.close()
    },
  }
}

function serveUsers({ router }: FakeOutside, { serve }: Ruled, exporter: Exporter): void {
  const weights = router.weights()
  for (const slot of ['blue', 'green'] as const) serve(slot, (REQUESTS_PER_LOOK * weights[slot]) / 100, exporter)
}

/** As the control plane makes it, of the plan's own options. */
function prometheusOf(plan: Plan, { name }: { readonly name: string }): MetricsSource {
  const target = { service: plan.service, environment: plan.environment, component: name }
  return sourceOf(planned.parse(plan.metrics), prometheusContext({ target }))
}

type Of = { readonly ruled: Pick<Ruled, 'analysis' | 'environment' | 'hold' | 'metrics'>; readonly url: string }

export function planOf(service: string, version: string, { ruled, url }: Of): Plan {
  const { analysis, environment = 'prod', hold = '4s', metrics = '' } = ruled
  const text = specText(service, url)
    .replace('ANALYSIS', analysis)
    .replaceAll('HOLD', hold)
    .replace('  METRICS\n', metrics && `  ${metrics}\n`)
  const read = readSpec({ text, file: 'stellwerk.yaml' })
  assert.ok(read.ok, JSON.stringify(read))
  const compiled = compile(read.spec, { ...artifactOf('api'), version }, environment, INPUTS)
  assert.ok(compiled.ok, JSON.stringify(compiled))
  return compiled.plan
}

function specText(service: string, url: string): string {
  return `service: ${service}
components:
  api: { platform: { kind: process, command: node server.js }, router: { kind: embedded, listen: "127.0.0.1:0" } }
rollout: { steps: [50%, 100%], hold: HOLD, bake: HOLD, tick: 1s, poll: 100ms, minRequests: 20, rollbackWindow: 1m }
rollback: { watch: 100ms }
metrics:
  kind: prometheus
  url: ${url}
  requests: http_requests_total{service="$service",environment="$environment"}
  errors: http_requests_total{service="$service",environment="$environment",status=~"5.."}
  latency: http_request_duration_seconds_bucket{service="$service",environment="$environment"}
  scrapeInterval: 1s
  METRICS
analysis: ANALYSIS
smoke: [{ http: GET /health }]
environments:
  stage: {}
  prod: {}
`
}
