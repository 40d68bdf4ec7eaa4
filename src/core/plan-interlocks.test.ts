import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Plan, type Step, planHash } from './plan.ts'
import { PLAN_INTERLOCKS, planProblems } from './plan-interlocks.ts'

const DEPLOY: Step = { kind: 'deploy', component: 'api', instances: 2 }
const TAIL: readonly Step[] = [
  { kind: 'shift', weight: 100 },
  { kind: 'bake', holdMs: 60_000 },
  { kind: 'verify-live' },
  { kind: 'finalize' },
]

/** 5 % stay on live while the candidate bakes. */
const CONTROLLED: readonly Step[] = [
  { kind: 'shift', weight: 95 },
  { kind: 'bake', weight: 95, holdMs: 60_000 },
  { kind: 'shift', weight: 100 },
  { kind: 'verify-live' },
  { kind: 'hold', weight: 100, holdMs: 60_000, withinMs: 240_000 },
  { kind: 'finalize' },
]

const PLAN: Plan = {
  format: 1,
  service: 'demo',
  environment: 'dev',
  artifact: {
    version: 'v1',
    commit: 'b'.repeat(40),
    buildUrl: 'https://ci.example.com/1',
    authors: [],
    components: { api: { ref: '/a', digest: `sha256:${'a'.repeat(64)}` } },
  },
  strategy: 'blue-green',
  concurrency: 'queue',
  components: [
    {
      name: 'api',
      artifact: { ref: '/a', digest: `sha256:${'a'.repeat(64)}` },
      platform: { kind: 'process' },
      router: { kind: 'embedded' },
      instances: 2,
      health: { live: '/health', ready: '/readiness' },
      variables: {},
      secrets: {},
    },
  ],
  gates: [{ id: 'variables', kind: 'variables', options: {} }],
  approvals: [{ id: 'start/owner', role: 'owner', at: 'start', people: [] }],
  migration: {
    kind: 'command',
    expand: { component: 'api', command: 'up' },
    down: { component: 'api', command: 'down' },
  },
  smoke: [
    {
      name: 'health',
      component: 'api',
      method: 'GET',
      path: '/health',
      headers: {},
      body: null,
      expect: { status: [200], json: {} },
      dryRun: false,
      timeoutMs: 1000,
    },
  ],
  metrics: { kind: 'router' },
  analysis: {
    rules: [{ kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01, trigger: null }],
    minRequests: 1,
  },
  mitigate: [{ component: 'api', command: 'off' }],
  targets: { rtoMs: 0, rpoMs: 0 },
  notify: [],
  flags: {},
  timings: {
    tickMs: 5000,
    pollMs: 1000,
    queueLimitMs: 1,
    gatesLimitMs: 1,
    approvalsLimitMs: 1,
    startLimitMs: 1,
    migrateLimitMs: 1,
    smokeLimitMs: 1,
    shiftLimitMs: 1,
    extendTimes: 0,
    drainLimitMs: 1,
    pauseLimitMs: 1,
    rollbackLimitMs: 1,
    watchMs: 0,
    rollbackWindowMs: 0,
    commandLimitMs: 1,
    slowCommandLimitMs: 1,
  },
  steps: [
    { kind: 'gates' },
    { kind: 'approvals' },
    DEPLOY,
    { kind: 'migrate' },
    { kind: 'smoke' },
    { kind: 'shift', weight: 10 },
    { kind: 'hold', weight: 10, holdMs: 60_000 },
    ...TAIL,
  ],
}

const AT_SMOKE = PLAN.steps.slice(0, 5)
const [API] = PLAN.components
const [CHECK] = PLAN.smoke
const JOBS = { ...API!, name: 'jobs', router: null }
const ACTIVATE: Step = { kind: 'activate' }

function withJobs(...steps: readonly Step[]): Partial<Plan> {
  return { components: [API!, JOBS], steps }
}

function steps(...steps: readonly Step[]): Partial<Plan> {
  return { steps }
}

/** For every interlock a plan that breaks it, and the words that say how. */
const BROKEN: readonly (readonly [interlock: string, change: Partial<Plan>, message: RegExp])[] = [
  ['gates-and-approvals-then-deploy', steps(...PLAN.steps.slice(1)), /no step .* checks the gate "variables"/],
  [
    'gates-and-approvals-then-deploy',
    steps({ kind: 'gates', gates: ['variables', 'tests'] }, ...PLAN.steps.slice(1)),
    /checks the gate "tests", which the plan does not have/,
  ],
  [
    'gates-and-approvals-then-deploy',
    steps({ kind: 'gates' }, DEPLOY, { kind: 'approvals' }, ...PLAN.steps.slice(3)),
    /deployed before gates and approvals/,
  ],
  [
    'gates-and-approvals-then-deploy',
    steps({ kind: 'approvals' }, DEPLOY, { kind: 'gates' }, ...PLAN.steps.slice(3)),
    /deployed before gates and approvals/,
  ],
  ['every-kind-is-known', steps({ kind: 'reboot' }, ...PLAN.steps), /no step of the kind "reboot"/],
  ['gates-and-approvals-then-deploy', steps({ kind: 'gates' }, ...PLAN.steps.slice(2)), /no step .* asks for them/],
  [
    'consent-before-commands',
    { gates: [{ id: 'command', kind: 'command', options: {}, runs: 'command' }] },
    /the gate "command" runs a command of the requester's before the approvals/,
  ],
  ['every-component-deployed-before-traffic', { components: [API!, { ...API!, name: 'web' }] }, /web is not deployed/],
  [
    'capacity-for-the-share',
    steps(...AT_SMOKE.map((step) => (step === DEPLOY ? { ...DEPLOY, instances: 1 } : step)), ...TAIL),
    /api has 1 instances at 100% and needs 2/,
  ],
  ['workers-start-at-the-switch', withJobs(...PLAN.steps), /not started once, right before the shift that bakes/],
  [
    'workers-start-at-the-switch',
    withJobs(
      ...PLAN.steps.slice(0, 3),
      { ...DEPLOY, component: 'jobs' },
      ...PLAN.steps.slice(3, -4),
      ACTIVATE,
      ...TAIL,
    ),
    /jobs has no router and is deployed beside live's/,
  ],
  [
    'workers-start-at-the-switch',
    withJobs(...AT_SMOKE, ACTIVATE, ...PLAN.steps.slice(5)),
    /right before the shift that bakes/,
  ],
  [
    'workers-start-at-the-switch',
    withJobs(...AT_SMOKE, TAIL[0]!, ACTIVATE, ...TAIL.slice(1)),
    /right before the shift that bakes/,
  ],
  ['workers-start-at-the-switch', withJobs(...AT_SMOKE, ACTIVATE, ACTIVATE, ...TAIL), /not started once/],
  ['migration-as-declared', { migration: null }, /planned, but none is declared/],
  ['migration-as-declared', steps(...AT_SMOKE.filter(({ kind }) => kind !== 'migrate'), ...TAIL), /no step runs it/],
  [
    'prepared-before-traffic',
    steps(
      ...AT_SMOKE.filter(({ kind }) => kind !== 'migrate'),
      TAIL[0]!,
      TAIL[1]!,
      { kind: 'migrate' },
      TAIL[1]!,
      TAIL[2]!,
      TAIL[3]!,
    ),
    /after traffic was shifted/,
  ],
  ['no-shift-before-smoke', steps(...AT_SMOKE.slice(0, 4), ...TAIL), /before the smoke tests/],
  ['smoke-not-empty', { smoke: [] }, /no smoke test/],
  ['something-to-shift', { components: [{ ...API!, router: null }] }, /no traffic to shift/],
  [
    'weights-grow-to-100',
    steps(...AT_SMOKE, { kind: 'shift', weight: 10.5 }, { kind: 'hold', weight: 10.5, holdMs: 1 }, ...TAIL),
    /10.5 is not a whole number/,
  ],
  [
    'weights-grow-to-100',
    steps(...AT_SMOKE, ...TAIL.slice(0, 2), ...TAIL),
    /100 is not a whole number from 1 to 100 above the one before/,
  ],
  [
    'weights-grow-to-100',
    steps(...AT_SMOKE, { kind: 'shift', weight: 50 }, { kind: 'hold', weight: 50, holdMs: 1 }, ...TAIL.slice(1)),
    /last weight is not 100/,
  ],
  [
    'hold-after-every-shift',
    steps(...AT_SMOKE, { kind: 'shift', weight: 10 }, ...TAIL),
    /shift to 10% is not followed by a hold/,
  ],
  [
    'hold-after-every-shift',
    steps(...AT_SMOKE, { kind: 'shift', weight: 10 }, { kind: 'hold', weight: 20, holdMs: 1 }, ...TAIL),
    /shift to 10%/,
  ],
  [
    'hold-after-every-shift',
    steps(...AT_SMOKE, TAIL[0]!, TAIL[2]!, TAIL[3]!),
    /shift to 100% is not followed by a bake/,
  ],
  ['verify-live-then-finalize-last', steps(...PLAN.steps.slice(0, -1)), /does not end with/],
  [
    'verify-live-then-finalize-last',
    steps({ kind: 'gates' }, { kind: 'approvals' }, { kind: 'finalize' }, ...PLAN.steps.slice(2)),
    /does not end with/,
  ],
  [
    'verify-live-then-finalize-last',
    steps(...AT_SMOKE, ...CONTROLLED.toSpliced(2, 1)),
    /does not end with bake, shift, verify-live, hold and finalize/,
  ],
  [
    'verify-live-then-finalize-last',
    steps(...AT_SMOKE, ...CONTROLLED.toSpliced(4, 1)),
    /verify-live, hold and finalize/,
  ],
  [
    'verify-live-then-finalize-last',
    steps(...AT_SMOKE, ...CONTROLLED.with(4, { kind: 'hold', weight: 95, holdMs: 1 })),
    /verify-live, hold and finalize/,
  ],
  [
    'hold-after-every-shift',
    steps(...AT_SMOKE, ...CONTROLLED.with(0, { kind: 'shift', weight: 90 })),
    /shift to 90% is not followed by a bake/,
  ],
  [
    'nothing-starts-after-the-bake',
    steps(...AT_SMOKE, ...CONTROLLED.toSpliced(2, 0, DEPLOY)),
    /deploy comes after the bake/,
  ],
  [
    'every-wait-has-a-deadline',
    steps(...AT_SMOKE, ...CONTROLLED.with(4, { kind: 'hold', weight: 100, holdMs: 9, withinMs: 8 })),
    /hold of 9 ms within 8 ms/,
  ],
  ['judged-by-a-rule', { analysis: { rules: [], minRequests: 1 } }, /no analysis rule/],
  [
    'judged-by-a-rule',
    { analysis: { rules: [...PLAN.analysis.rules, ...PLAN.analysis.rules], minRequests: 1 } },
    /two rules are called/,
  ],
  ['judged-by-a-rule', { analysis: { ...PLAN.analysis, minRequests: 0 } }, /minRequests is 0, yet rule/],
  ['every-wait-has-a-deadline', { timings: { ...PLAN.timings, startLimitMs: 0 } }, /startLimitMs is 0/],
  ['every-wait-has-a-deadline', { timings: { ...PLAN.timings, watchMs: -1 } }, /watchMs is -1/],
  [
    'every-wait-has-a-deadline',
    { timings: { ...PLAN.timings, queueLimitMs: Number.POSITIVE_INFINITY } },
    /queueLimitMs is Infinity/,
  ],
  [
    'every-wait-has-a-deadline',
    steps(...AT_SMOKE, TAIL[0]!, { kind: 'bake', holdMs: Number.NaN }, TAIL[2]!, TAIL[3]!),
    /bake of NaN ms/,
  ],
  ['names-exist', { smoke: [{ ...CHECK!, component: 'web' }] }, /smoke test "health" is for "web"/],
  ['names-exist', { mitigate: [{ component: 'web', command: 'off' }] }, /mitigating command "off"/],
  [
    'names-exist',
    { migration: { ...PLAN.migration!, down: { component: 'db', command: 'down' } } },
    /migration is for "db"/,
  ],
  ['names-exist', { components: [API!, API!] }, /two components are called "api"/],
]

test('a plan as it should be breaks nothing', () => {
  assert.deepEqual(planProblems(PLAN), [])
  assert.deepEqual(planProblems({ ...PLAN, ...steps(...AT_SMOKE, ...CONTROLLED) }), [])
  assert.deepEqual(planProblems({ ...PLAN, ...withJobs(...PLAN.steps.slice(0, -4), ACTIVATE, ...CONTROLLED) }), [])
  assert.deepEqual(planProblems({ ...PLAN, ...withJobs(...PLAN.steps.slice(0, -4), ACTIVATE, ...TAIL) }), [])
})

for (const [interlock, change, message] of BROKEN) {
  test(`${interlock} refuses: ${message.source}`, () => {
    const messages = planProblems({ ...PLAN, ...change }).filter((problem) => problem.interlock === interlock)
    assert.match(messages.map((problem) => problem.message).join('\n'), message)
  })
}

test('every interlock but the one about the way back can be broken by a plan', () => {
  const broken = new Set(BROKEN.map(([interlock]) => interlock))
  const unbroken = PLAN_INTERLOCKS.map(({ name }) => name).filter((name) => !broken.has(name))
  assert.deepEqual(unbroken, ['a-rollback-from-every-step'])
})

test('a way back leads from every step of a plan', () => {
  const interlock = PLAN_INTERLOCKS.find(({ name }) => name === 'a-rollback-from-every-step')!
  assert.deepEqual(interlock.violations(PLAN), [])
  assert.deepEqual(interlock.violations({ ...PLAN, mitigate: [], migration: null }), [])
})

test('the hash of a plan does not depend on the order of keys, and changes with every value', () => {
  const echo = (text: string) => text
  const turned = Object.fromEntries(Object.entries(PLAN).reverse()) as Plan
  assert.equal(planHash(turned, echo), planHash(PLAN, echo))
  assert.notEqual(planHash({ ...PLAN, environment: 'prod' }, echo), planHash(PLAN, echo))
  assert.match(
    planHash(PLAN, () => 'abc'),
    /^sha256:abc$/,
  )
})
