import type { Plan } from '../core/plan.ts'
import type { RolloutRequest, StableRelease } from '../core/rollout/inputs.ts'

const HEX = (digit: string) => digit.repeat(64)

/** A small, complete plan for tests of the core: one component, 10 → 50 → 100 %, short and round durations. */
export function planFor(changes: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    service: 'shop',
    environment: 'prod',
    artifact: {
      version: 'v2',
      commit: 'c'.repeat(40),
      buildUrl: 'https://ci.example/builds/2',
      authors: ['person:ada'],
      components: { api: { ref: '/builds/v2', digest: `sha256:${HEX('2')}` } },
    },
    strategy: 'blue-green',
    concurrency: 'queue',
    components: [
      {
        name: 'api',
        artifact: { ref: '/builds/v2', digest: `sha256:${HEX('2')}` },
        platform: { kind: 'fake' },
        router: { kind: 'fake' },
        instances: 2,
        health: { live: '/health', ready: '/readiness' },
        variables: {},
        secrets: {},
      },
    ],
    gates: [{ id: 'artifact-pinned', kind: 'artifact-pinned', options: {} }],
    approvals: [],
    migration: null,
    smoke: [
      {
        name: 'home',
        component: 'api',
        method: 'GET',
        path: '/',
        headers: {},
        body: null,
        expect: { status: [200], json: {} },
        dryRun: false,
        timeoutMs: 1000,
      },
    ],
    metrics: { kind: 'router' },
    analysis: {
      rules: [
        { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: 5000 } },
      ],
      minRequests: 20,
    },
    mitigate: [],
    targets: { rtoMs: 300_000, rpoMs: 0 },
    notify: [],
    flags: {},
    timings: {
      tickMs: 1000,
      pollMs: 250,
      queueLimitMs: 600_000,
      gatesLimitMs: 60_000,
      approvalsLimitMs: 3_600_000,
      startLimitMs: 60_000,
      migrateLimitMs: 60_000,
      smokeLimitMs: 30_000,
      shiftLimitMs: 30_000,
      extendTimes: 3,
      drainLimitMs: 10_000,
      pauseLimitMs: 3_600_000,
      rollbackLimitMs: 60_000,
      watchMs: 20_000,
      rollbackWindowMs: 3_600_000,
      commandLimitMs: 5000,
      slowCommandLimitMs: 15_000,
    },
    steps: [
      { kind: 'gates' },
      { kind: 'deploy', component: 'api', instances: 2 },
      { kind: 'smoke' },
      { kind: 'shift', weight: 10 },
      { kind: 'hold', weight: 10, holdMs: 10_000 },
      { kind: 'shift', weight: 50 },
      { kind: 'hold', weight: 50, holdMs: 10_000 },
      { kind: 'shift', weight: 100 },
      { kind: 'bake', holdMs: 20_000 },
      { kind: 'verify-live' },
      { kind: 'finalize' },
    ],
    ...changes,
  }
}

export const stableV1: StableRelease = { rollout: 'shop-prod-1', version: 'v1', identity: 'identity-1', slot: 'blue' }

export function requestFor(plan: Plan, changes: Partial<RolloutRequest> = {}): RolloutRequest {
  return {
    type: 'request-rollout',
    id: 'shop-prod-2',
    plan,
    planHash: 'plan-hash-2',
    identity: 'identity-2',
    by: { id: 'person:alex', roles: ['release-captain'] },
    requestKey: null,
    stable: stableV1,
    quarantined: false,
    behind: null,
    ...changes,
  }
}
