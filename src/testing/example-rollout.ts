import { quote, verbatim } from '../core/say.ts'
import type { Artifact } from '../core/artifact.ts'
import type { Plan } from '../core/plan.ts'
import { instant } from '../core/time.ts'
import type { Delivery } from '../ports/deliveries.ts'
import type { EnvironmentView, RolloutView, ServingView, Waiting } from '../core/views.ts'

/** Data for tests that need a plan, an artifact or a view and do not care which. */
export function exampleArtifact(version = 'v2.0.0'): Artifact {
  return {
    version,
    commit: 'a1b2c3d4'.repeat(5),
    buildUrl: 'https://ci.example.org/builds/42',
    authors: ['person:kim'],
    components: { api: { ref: `/srv/shop/${version}`, digest: `sha256:${'0f'.repeat(32)}` } },
  }
}

export function examplePlan(): Plan {
  const minute = 60_000
  return {
    format: 1,
    service: 'shop',
    environment: 'prod',
    artifact: exampleArtifact(),
    strategy: 'blue-green',
    concurrency: 'queue',
    components: [
      {
        name: 'api',
        artifact: exampleArtifact().components['api']!,
        platform: { kind: 'process', command: 'node server.js' },
        router: { kind: 'embedded', listen: '127.0.0.1:8080' },
        instances: 2,
        health: { live: '/health', ready: '/readiness' },
        variables: {},
        secrets: {},
      },
    ],
    gates: [{ id: 'variables', kind: 'variables', options: {} }],
    approvals: [{ id: 'maintainer', role: 'maintainer', at: 'start', people: ['person:sam'] }],
    migration: null,
    smoke: [],
    metrics: { kind: 'router' },
    analysis: { rules: [], minRequests: 50 },
    mitigate: [],
    targets: { rtoMs: 5 * minute, rpoMs: 0 },
    notify: [],
    flags: {},
    timings: {
      tickMs: 5000,
      pollMs: 500,
      queueLimitMs: 60 * minute,
      gatesLimitMs: 5 * minute,
      approvalsLimitMs: 60 * minute,
      startLimitMs: 2 * minute,
      migrateLimitMs: 5 * minute,
      smokeLimitMs: minute,
      shiftLimitMs: 30_000,
      extendTimes: 2,
      drainLimitMs: 30_000,
      pauseLimitMs: 60 * minute,
      rollbackLimitMs: 5 * minute,
      watchMs: minute,
      rollbackWindowMs: 1440 * minute,
      commandLimitMs: 10_000,
      slowCommandLimitMs: 60_000,
    },
    steps: [
      { kind: 'gates' },
      { kind: 'approvals' },
      { kind: 'deploy', component: 'api', instances: 2 },
      { kind: 'smoke' },
      { kind: 'shift', weight: 10 },
      { kind: 'hold', weight: 10, holdMs: 5 * minute },
      { kind: 'shift', weight: 100 },
      { kind: 'bake', holdMs: 30 * minute },
      { kind: 'finalize' },
    ],
  }
}

export function exampleServing(live = 'v1.0.0', candidate = 'v2.0.0', weight = 0): ServingView {
  const slot = { ready: 2, desired: 2, inFlight: 0, unready: null }
  const shares = [`${live} ${100 - weight} %`, `${candidate} ${weight} %`].filter((share) => !share.endsWith(' 0 %'))
  return {
    component: 'api',
    url: 'http://127.0.0.1:8080',
    observedAt: instant(Date.now()),
    maintenance: false,
    slots: [
      { slot: 'blue', version: live, weight: 100 - weight, desiredWeight: 100 - weight, ...slot },
      { slot: 'green', version: candidate, weight, desiredWeight: weight, ...slot },
    ],
    alarm: null,
    text: shares.join(', '),
    said: { text: verbatim(shares.join(', ')), alarm: null },
  }
}

export function exampleRollout(id: string, facts: Partial<RolloutView> = {}): RolloutView {
  const now = instant(Date.now())
  return {
    id,
    service: 'shop',
    environment: 'prod',
    version: 'v2.0.0',
    identity: 'ab'.repeat(32),
    planHash: 'cd'.repeat(32),
    phase: 'requested',
    final: false,
    exitCode: null,
    reason: null,
    reasonSaid: null,
    paused: null,
    waiting: null,
    requestedBy: 'person:alex',
    requestedAt: now,
    run: null,
    updatedAt: now,
    candidate: { slot: 'green', weight: 0 },
    stable: { rollout: 'r-0', version: 'v1.0.0', slot: 'blue' },
    approvals: [],
    verdicts: [],
    serving: [exampleServing()],
    alarms: [],
    intents: [],
    steps: { at: 0, names: ['gates', 'deploy api', 'shift 10 %', 'finalize'], rollback: null, rollbackAt: 0 },
    ...facts,
  }
}

export function exampleEnvironment(facts: Partial<EnvironmentView> = {}): EnvironmentView {
  return {
    service: 'shop',
    environment: 'prod',
    stable: { rollout: 'r-0', version: 'v1.0.0', since: instant(Date.now() - 3_600_000) },
    holder: null,
    queue: [],
    serving: [exampleServing()],
    leftovers: [],
    alarms: [],
    incidents: [],
    ...facts,
  }
}

/** A wait that began 5 s ago and ends in a minute. */
export function exampleWaiting(what: string): Waiting {
  const now = Date.now()
  const [since, until] = [instant(now - 5000), instant(now + 60_000)]
  const said = { for: quote(what), then: quote('abort') }
  return { for: what, since, earliest: null, until, then: 'abort', said, command: 'stellwerk approve r-1' }
}

export function exampleDelivery(given: Partial<Delivery> = {}): Delivery {
  return {
    id: 'r-1/1/0',
    stream: 'r-1',
    version: 1,
    route: 0,
    channel: 'c'.repeat(32),
    kind: 'webhook',
    to: 'webhook (env CHAT_URL)',
    service: 'shop',
    environment: 'prod',
    event: 'finalized',
    priority: 'info',
    title: 'shop v2 in prod: is live',
    position: 9,
    until: instant(86_400_000),
    state: 'dead',
    attempts: 3,
    failure: 'chat.example.org refused the message with 404',
    receipt: null,
    dismissed: null,
    createdAt: instant(0),
    at: instant(60_000),
    ...given,
  }
}
