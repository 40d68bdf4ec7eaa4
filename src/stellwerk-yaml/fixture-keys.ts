/** For tests: a spec that compiles, and for every key of stellwerk.yaml another value than the one it has there. */

/** What is put where: `{ 'analysis.rules.0.max': '2%' }`. */
export type Patch = Readonly<Record<string, unknown>>
/** The other value of a key, and what else has to stand in the spec, before and after. */
type Change = readonly [to: unknown, beside?: Patch]
export type Group = { readonly beside?: Patch; readonly keys: Readonly<Record<string, Change>> }

export const API = 'components.api'
const ENV_SECRET = { kind: 'env', name: 'A' }

export const BASE = {
  service: 'shop',
  people: { maintainer: ['kim'], owner: ['group:backend'] },
  groups: { backend: ['lee'] },
  approvals: [{ role: 'maintainer' }, { role: 'owner' }],
  components: {
    api: {
      health: { live: '/health', ready: '/readiness' },
      platform: { kind: 'process', command: 'node server.js' },
      router: { kind: 'embedded', listen: '127.0.0.1:8080' },
      traffic: { requestsPerSecond: 20, errorRate: '0.5%' },
      secrets: { TOKEN: ENV_SECRET },
    },
    web: {
      platform: { kind: 'process', command: 'node web.js' },
      router: { kind: 'embedded', listen: '127.0.0.1:8082' },
    },
  },
  analysis: { rules: [{ metric: 'error-rate', max: '1%' }] },
  smoke: [{ http: 'GET /health', component: 'api' }],
  migrations: { kind: 'command', component: 'api', expand: 'node up.js', down: 'node down.js' },
  rollback: { mitigate: [{ run: 'node off.js', component: 'api' }] },
  secrets: { CHAT: ENV_SECRET },
  notify: [{ on: 'P1', to: { kind: 'webhook', url: { secret: 'CHAT' } } }],
}

const CHAT = { secret: 'CHAT' }

/** Either of two secrets may be named by what is tried: both are declared, and named by others as well. */
export const BOTH_NAMED: Patch = {
  'secrets.OTHER': { kind: 'env', name: 'B' },
  'notify.1': { on: 'P2', to: { kind: 'webhook', url: { secret: 'OTHER' } } },
  'notify.2': { on: 'P3', to: { kind: 'webhook', url: CHAT } },
}

const LIMITS = 'queue gates approvals start migrate smoke shift drain pause rollback command slowCommand'.split(' ')

function measured(metric: string, value: string, other: string, isCompared: boolean): Group {
  const relative = { 'analysis.rules.0': { metric, relativeTo: 'live', margin: '50%', for: '5m' } }
  const trigger = { 'analysis.rules.0': { metric, trigger: { above: value, for: '5m' } } }
  const compared = { 'analysis.rules.0': { metric, compare: 'sequential', max: value } }
  const keys: Record<string, Change> = {
    'analysis.rules[].max': [other],
    'analysis.rules[].trigger.above': [other, trigger],
    'analysis.rules[].trigger.for': ['7m', trigger],
  }
  if (!isCompared) return { beside: { 'analysis.rules.0': { metric, max: value } }, keys }
  return {
    beside: { 'analysis.rules.0': { metric, max: value } },
    keys: {
      ...keys,
      'analysis.rules[].relativeTo': ['before', relative],
      'analysis.rules[].margin': ['60%', relative],
      'analysis.rules[].for': ['7m', relative],
      'analysis.rules[].compare': ['sequential'],
      'analysis.rules[].tolerance': ['33%', compared],
    },
  }
}

const COMPARED = { 'analysis.rules.0': { metric: 'error-rate', compare: 'sequential' } }
export const QUERY = { metric: 'reuse', query: 'sum(reuse{slot="$slot"})' }
const METRICS = { kind: 'prometheus', url: 'http://p' }
const OWN_LIMIT = { 'analysis.rules.0': { ...QUERY, max: 1, unit: 'number' }, metrics: METRICS }
const ownWith = (rule: object): Patch => ({ ...OWN_LIMIT, 'analysis.rules.0': { ...QUERY, ...rule } })
const OWN_RELATIVE = ownWith({ relativeTo: 'live', margin: '50%', slack: 1, worse: 'higher', for: '5m' })

const GRANT = { forge: 'github', repository: 123, owner: 45, refs: ['refs/heads/main'] }

const LABELLED = {
  ...COMPARED,
  metrics: { ...METRICS, requests: 'r', errors: 'e', latency: 'l_bucket', segmentLabel: 'route' },
}

/** By the titles of the reference's tables; those of adapters lie in their folders (`fixture-adapter-keys.ts`). */
export const TABLE: Readonly<Record<string, Group>> = {
  service: { keys: { service: ['store'] } },
  people: { keys: { people: [{ maintainer: ['sam'], owner: ['group:backend'] }] } },
  groups: { keys: { groups: [{ backend: ['jo'] }] } },
  accounts: { keys: { accounts: [{ kim: ['kim@example.com'] }] } },
  variables: { keys: { variables: [{ LOG_LEVEL: 'warn' }] } },
  components: {
    keys: {
      'components.NAME.health.live': ['/live'],
      'components.NAME.health.ready': ['/ready'],
      'components.NAME.after': [['web']],
      'components.NAME.traffic.requestsPerSecond': [30],
      'components.NAME.traffic.errorRate': ['2%'],
      'components.NAME.instances': [2],
      'components.NAME.variables': [{ LOG_LEVEL: 'warn' }],
    },
  },
  rollout: {
    keys: {
      'rollout.strategy': ['canary'],
      'rollout.steps': [['20%', '100%']],
      'rollout.hold': ['6m'],
      'rollout.bake.for': ['40m', { 'rollout.bake': { for: '30m' } }],
      'rollout.bake.control': ['5%', { 'rollout.bake': { for: '30m' } }],
      'rollout.rollbackWindow': ['20h'],
      'rollout.concurrency': ['supersede'],
      'rollout.tick': ['4s'],
      'rollout.poll': ['2s'],
      'rollout.noDataFor': ['6m'],
      'rollout.extendTimes': [2],
      'rollout.minRequests': [300],
      ...Object.fromEntries(LIMITS.map((name) => [`rollout.limits.${name}`, ['77s'] as const])),
    },
  },
  analysis: {
    beside: OWN_LIMIT,
    keys: {
      'analysis.warmUp': ['2m', COMPARED],
      'analysis.patience': ['2m', COMPARED],
      'analysis.segments.routes': [['GET /orders/:id'], LABELLED],
      'analysis.segments.learn': [5, LABELLED],
      'analysis.rules[].metric': ['other'],
      'analysis.rules[].query': ['max(reuse{slot="$slot"})'],
      'analysis.rules[].unit': ['ratio'],
      'analysis.rules[].component': ['web'],
      'analysis.rules[].maxAge': ['2m'],
      'analysis.rules[].max': [2],
      'analysis.rules[].min': [0.5],
      'analysis.rules[].trigger.above': [6, ownWith({ trigger: { above: 5, for: '5m' } })],
      'analysis.rules[].trigger.below': [4, ownWith({ trigger: { below: 5, for: '5m' } })],
      'analysis.rules[].trigger.for': ['7m', ownWith({ trigger: { above: 5, for: '5m' } })],
      'analysis.rules[].relativeTo': ['before', OWN_RELATIVE],
      'analysis.rules[].margin': ['60%', OWN_RELATIVE],
      'analysis.rules[].slack': [2, OWN_RELATIVE],
      'analysis.rules[].worse': ['lower', OWN_RELATIVE],
      'analysis.rules[].for': ['7m', OWN_RELATIVE],
      'analysis.rules[].silence': ['7m', ownWith({ silence: '5m' })],
    },
  },
  '`analysis.rules[]` with `metric: error-rate`': measured('error-rate', '1%', '2%', true),
  '`analysis.rules[]` with `metric: latency-p50`, `metric: latency-p95`, `metric: latency-p99`': measured(
    'latency-p95',
    '300ms',
    '400ms',
    true,
  ),
  '`analysis.rules[]` with `metric: readiness-flapping`': measured('readiness-flapping', '1%', '2%', false),
  '`analysis.rules[]` with `metric: memory`': measured('memory', '100MB', '200MB', false),
  '`analysis.rules[]` with `metric: info-logs`': {
    beside: { 'analysis.rules.0': { metric: 'info-logs', silence: '5m' } },
    keys: { 'analysis.rules[].silence': ['7m'] },
  },
  smoke: {
    keys: {
      'smoke[].name': ['lives'],
      'smoke[].component': ['web'],
      'smoke[].http': ['GET /other'],
      'smoke[].headers': [{ accept: 'text/plain' }],
      'smoke[].body': [{ a: 1 }, { 'smoke.0': { http: 'POST /stamps', component: 'api' } }],
      'smoke[].expect.status': [204],
      'smoke[].expect.json': [{ ok: true }],
      'smoke[].dryRun': [true],
      'smoke[].timeout': ['3s'],
    },
  },
  approvals: {
    keys: {
      'approvals[].role': [
        'owner',
        { 'policy.weaken.gates': ['owner', 'maintainer'], approvals: [{ role: 'maintainer' }] },
      ],
      'approvals[].at': ['go-no-go'],
    },
  },
  migrations: {
    keys: {
      'migrations.kind': [undefined],
      'migrations.component': ['web'],
      'migrations.expand': ['node other.js'],
      'migrations.down': ['node other.js'],
    },
  },
  rollback: {
    keys: {
      'rollback.mitigate[].run': ['node other.js'],
      'rollback.mitigate[].component': ['web'],
      'rollback.watch': ['20m'],
      'rollback.targets.rto': ['4m'],
    },
  },
  ci: {
    beside: { ci: [GRANT] },
    keys: {
      'ci[].forge': ['gitlab'],
      'ci[].issuer': ['https://github.example.com/_services/token'],
      'ci[].repository': [124],
      'ci[].owner': [46],
      'ci[].refs': [['refs/tags/v*']],
      'ci[].events': [['push']],
      'ci[].workflow': ['.github/workflows/deploy.yml'],
      'ci[].environment': ['production'],
    },
  },
  notify: { keys: { 'notify[].on': ['P2'], 'notify[].language': ['de'] } },
  policy: {
    keys: {
      'policy.weaken.approvals': [['owner']],
      'policy.weaken.people': [['owner']],
      'policy.weaken.gates': [['owner']],
      'policy.weaken.analysis': [['owner']],
    },
  },
}
