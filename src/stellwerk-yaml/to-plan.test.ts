import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '../adapters/registry.ts'
import { policyOf } from '../core/policy/policy.ts'
import { artifactOf, DIGEST, FULL_SPEC, INPUTS, planOf, problemsOf, smallSpec, specOf } from './fixture.ts'
import { problemText } from './problem.ts'
import { compile, proposedPlan } from './to-plan.ts'

function refusals(
  text: string,
  environment: string,
  artifact = artifactOf('api'),
  flags: Readonly<Record<string, string>> = {},
) {
  const compiled = compile(specOf(text), artifact, environment, { ...INPUTS, flags })
  return compiled.ok ? [] : compiled.problems.map(problemText)
}

test('a blue-green plan: gates, approvals, deploy in order, migrate, smoke, shifts with holds, bake, verify, finalize', () => {
  const { steps } = planOf(FULL_SPEC, 'dev')
  assert.deepEqual(steps, [
    { kind: 'gates' },
    { kind: 'deploy', component: 'api', instances: 1 },
    { kind: 'migrate' },
    { kind: 'smoke' },
    { kind: 'shift', weight: 10 },
    { kind: 'hold', weight: 10, holdMs: 300_000 },
    { kind: 'shift', weight: 50 },
    { kind: 'hold', weight: 50, holdMs: 300_000 },
    { kind: 'activate' },
    { kind: 'shift', weight: 100 },
    { kind: 'bake', holdMs: 1_800_000 },
    { kind: 'verify-live' },
    { kind: 'finalize' },
  ])
})

test('what is not declared is not a step', () => {
  const kinds = planOf(smallSpec('gates: []\nrollout: { steps: [100%] }'), 'dev').steps.map(({ kind }) => kind)
  assert.deepEqual(kinds, ['deploy', 'smoke', 'shift', 'bake', 'verify-live', 'finalize'])
})

test('components stand in the order of `after`, whatever the order in the file', () => {
  const text = smallSpec().replace(
    '{ api:',
    '{ web: { after: [worker], platform: { kind: process, command: w } }, worker: { after: [api], platform: { kind: process, command: w } }, api:',
  )
  assert.deepEqual(
    planOf(text, 'dev').components.map(({ name }) => name),
    ['api', 'worker', 'web'],
  )
})

test('a canary grows its instances with the weight, always before the shift that needs them', () => {
  const text = smallSpec('rollout: { strategy: canary, steps: [10%, 25%, 50%, 100%] }').replace(
    'command: node server.js }',
    'command: a }, instances: 5',
  )
  const steps = planOf(text, 'dev').steps.flatMap((step) => {
    if (step.kind === 'deploy') return [`${step.component}x${step.instances}`]
    return step.kind === 'shift' ? [`${step.weight}%`] : step.kind === 'smoke' ? ['smoke'] : []
  })
  assert.deepEqual(steps, ['apix1', 'smoke', '10%', 'apix2', '25%', 'apix3', '50%', 'apix5', '100%'])
})

test('what has no router starts once, right before the last share', () => {
  const text = smallSpec('rollout: { strategy: canary, steps: [10%, 100%] }').replace(
    '{ api:',
    '{ jobs: { after: [api], instances: 3, platform: { kind: process, command: w } }, api:',
  )
  const { steps } = planOf(text, 'dev')
  const at = steps.findIndex(({ kind }) => kind === 'activate')
  assert.deepEqual(steps.slice(at, at + 2), [{ kind: 'activate' }, { kind: 'shift', weight: 100 }])
  assert.equal(steps.filter((step) => 'component' in step && step.component === 'jobs').length, 0)
})

const CONTROL = 'rollout: { steps: [10%, 100%], bake: { for: 20m, control: 5% } }'

test('[R-D11] a control share stays on live for the bake; then the whole is shifted, tested and held for a minute', () => {
  const { steps } = planOf(smallSpec(CONTROL), 'dev')
  assert.deepEqual(steps.slice(3), [
    { kind: 'shift', weight: 10 },
    { kind: 'hold', weight: 10, holdMs: 300_000 },
    { kind: 'shift', weight: 95 },
    { kind: 'bake', weight: 95, holdMs: 1_200_000 },
    { kind: 'shift', weight: 100 },
    { kind: 'verify-live' },
    { kind: 'hold', weight: 100, holdMs: 60_000, withinMs: 4_800_000 },
    { kind: 'finalize' },
  ])
  const short = planOf(smallSpec('rollout: { bake: { for: 10s, control: 40% } }'), 'dev').steps
  assert.deepEqual(short.at(-2), { kind: 'hold', weight: 100, holdMs: 10_000, withinMs: 40_000 })
})

test('[R-D11] without one the bake is at 100 %, however it is written', () => {
  const at = (bake: string) => planOf(smallSpec(`rollout: { bake: ${bake} }`), 'dev').steps
  assert.deepEqual(at('30m').slice(-4), [
    { kind: 'shift', weight: 100 },
    { kind: 'bake', holdMs: 1_800_000 },
    { kind: 'verify-live' },
    { kind: 'finalize' },
  ])
  assert.deepEqual(at('{ for: 30m }'), at('30m'))
  assert.deepEqual(planOf(smallSpec(), 'dev').steps, at('30m'))
})

test('[R-D11] what was baked is what stays: nothing starts between a control share and the whole', () => {
  const text = smallSpec(CONTROL.replace('{ steps', '{ strategy: canary, steps')).replace(
    '{ api: {',
    '{ jobs: { platform: { kind: process, command: w } }, api: { instances: 40,',
  )
  const steps = planOf(text, 'dev').steps.flatMap((step) => {
    if (step.kind === 'deploy') return [`${step.component} x ${step.instances}`]
    return ['shift', 'activate', 'bake'].includes(step.kind) ? [`${step.kind} ${step.weight ?? ''}`.trim()] : []
  })
  assert.deepEqual(steps, ['api x 4', 'shift 10', 'api x 40', 'activate', 'shift 95', 'bake 95', 'shift 100'])
})

test('[R-D11] a control share that leaves the candidate no more than the step before is refused', () => {
  assert.deepEqual(problemsOf(smallSpec('rollout: { steps: [10%, 95%, 100%], bake: { control: 5% } }')), [
    'stellwerk.yaml:5:54: rollout.bake.control: 5% on live leave the candidate 95%, no more than the 95% of the step before the last one; choose a smaller share, or leave out the step of 95%',
  ])
  const [whole] = problemsOf(smallSpec('rollout: { bake: { control: 100% } }'))
  assert.match(whole ?? '', /expected a whole percentage from 1% to 50%, found "100%"/)
})

test('the plan holds what the environment says', () => {
  const plan = planOf(FULL_SPEC, 'prod', { flags: { 'claims-enabled': 'false' } })
  const [api, worker] = plan.components
  assert.deepEqual(api!.variables, { LOG_LEVEL: 'warn', REGION: 'eu' })
  assert.deepEqual(api!.secrets, { TOKEN: { kind: 'env', name: 'DEV_TOKEN' } })
  assert.deepEqual(api!.artifact, { ref: '/builds/api', digest: DIGEST })
  assert.equal(worker!.router, null)
  assert.deepEqual(plan.gates, [
    { id: 'artifact-pinned', kind: 'artifact-pinned', options: {} },
    { id: 'variables', kind: 'variables', options: { required: ['TOKEN'] } },
    { id: 'command', kind: 'command', options: { run: 'node check.js', timeoutMs: 60_000 }, runs: 'command' },
  ])
  assert.deepEqual(plan.approvals, [
    { id: 'start/maintainer', role: 'maintainer', at: 'start', people: ['person:jo', 'person:kim'] },
    { id: 'go-no-go/product-owner', role: 'product-owner', at: 'go-no-go', people: ['person:sam'] },
  ])
  assert.deepEqual(plan.migration, {
    kind: 'command',
    expand: { component: 'api', command: 'node migrate.js up' },
    down: { component: 'api', command: 'node migrate.js down' },
  })
  assert.deepEqual(
    [plan.strategy, plan.concurrency, plan.flags],
    ['canary', 'supersede', { 'claims-enabled': 'false' }],
  )
  assert.deepEqual(plan.targets, { rtoMs: 300_000 })
  assert.deepEqual(plan.mitigate, [{ component: 'api', command: 'node off.js' }])
  assert.deepEqual(plan.metrics, { kind: 'router' })
})

test('nothing of the requester runs before the approvals: facts first, then people, then commands', () => {
  const { steps } = planOf(FULL_SPEC, 'prod')
  assert.deepEqual(steps.slice(0, 4), [
    { kind: 'gates', gates: ['artifact-pinned', 'variables'] },
    { kind: 'approvals' },
    { kind: 'gates', gates: ['command'] },
    { kind: 'deploy', component: 'api', instances: 1 },
  ])
  const alone = 'people: { owner: [sam] }\napprovals: [{ role: owner }]\ngates: [{ kind: command, run: node check.js }]'
  assert.deepEqual(planOf(smallSpec(alone), 'dev').steps.slice(0, 2), [
    { kind: 'approvals' },
    { kind: 'gates', gates: ['command'] },
  ])
})

test('the policy that a spec proposes is the one that stands in its plans', () => {
  const proposed = policyOf(proposedPlan('lokaltreu', 'prod', specOf(FULL_SPEC).environments['prod']!))
  assert.deepEqual(proposed, policyOf(planOf(FULL_SPEC, 'prod')))
  assert.deepEqual(proposed.people, {
    maintainer: ['person:jo', 'person:kim'],
    'product-owner': ['person:sam'],
    'release-captain': ['person:alex', 'person:kim', 'person:lee'],
  })
  assert.deepEqual(proposed.weaken, { gates: ['release-captain'] })
  assert.deepEqual(proposed.analysis.holdMs, 600_000)
  assert.ok(!JSON.stringify(proposed).includes('@'))
  assert.equal(proposed.accounts['person:kim-at-forge'], 'person:kim')
})

test('an author is known by his commits, and no address stands in the plan', () => {
  const spec = specOf(FULL_SPEC)
  const compiled = (authors: readonly string[], environment = 'prod') =>
    compile(spec, { ...artifactOf('api', 'worker'), authors }, environment, INPUTS)
  const known = compiled(['Kim Doe <KIM+git@example.com>', 'kim-at-forge', 'Person:Kim', 'lee'])
  assert.deepEqual(known.ok && known.plan.artifact.authors, ['person:kim', 'person:lee'])
  const stranger = compiled(['mallory@example.com'])
  assert.match(
    stranger.ok ? '' : stranger.problems.map(problemText).join(),
    /nobody knows whose address "mallory@example.com"/,
  )
  const unasked = compiled(['mallory@example.com'], 'dev')
  assert.match(unasked.ok ? unasked.plan.artifact.authors.join() : '', /^mail:[0-9a-f]{24}$/)
  const nobody = compiled(['two words'])
  assert.match(nobody.ok ? '' : nobody.problems.map(problemText).join(), /"two words" is neither a pseudonym/)
})

test('rules have an id each and values in ratios, milliseconds and bytes', () => {
  const { analysis } = planOf(FULL_SPEC, 'dev')
  assert.equal(analysis.minRequests, 200)
  assert.deepEqual(analysis.rules, [
    { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: 300_000 } },
    { kind: 'limit', id: 'latency-p95', metric: 'latency-p95', max: 300, trigger: { above: 500, forMs: 300_000 } },
    { kind: 'relative', id: 'error-rate to live', metric: 'error-rate', to: 'live', margin: 0.5, forMs: 300_000 },
    { kind: 'limit', id: 'readiness-flapping', metric: 'readiness-flapping', max: 0.001, trigger: null },
    { kind: 'limit', id: 'memory', metric: 'memory', max: null, trigger: { above: 512e6, forMs: 60_000 } },
    { kind: 'silence', id: 'info-logs silence', metric: 'info-logs', silenceMs: 600_000 },
  ])
  const twice = smallSpec().replace('max: 1% }', 'max: 1% }, { metric: error-rate, max: 2% }')
  assert.deepEqual(
    planOf(twice, 'dev').analysis.rules.map(({ id }) => id),
    ['error-rate', 'error-rate 2'],
  )
})

test('smoke tests are complete requests with a name of their own', () => {
  const { smoke } = planOf(FULL_SPEC, 'dev')
  assert.deepEqual(smoke[0], {
    name: 'GET /health is 200',
    component: 'api',
    method: 'GET',
    path: '/health',
    headers: {},
    body: null,
    expect: { status: [200], json: {} },
    dryRun: false,
    timeoutMs: 10_000,
  })
  assert.deepEqual(smoke[1], {
    name: 'claim a stamp',
    component: 'api',
    method: 'POST',
    path: '/v1/stamps/claim',
    headers: { authorization: { secret: 'TOKEN' }, 'x-device': 'test' },
    body: { device: 'd1', stamps: [1, 2] },
    expect: { status: [200, 201], json: { ok: true } },
    dryRun: true,
    timeoutMs: 10_000,
  })
  const twice = smallSpec().replace('GET /health }', 'GET /a }, { http: GET /a }')
  assert.deepEqual(
    planOf(twice, 'dev').smoke.map(({ name }) => name),
    ['GET /a is 200', 'GET /a is 200 (2)'],
  )
})

test('two gates of a kind have an id each; secrets in files are found from the folder of the spec', () => {
  const text = smallSpec('gates: [{ kind: command, run: a }, { kind: command, run: b }]').replace(
    'router: { kind: embedded }',
    'router: { kind: embedded }, secrets: { A: { kind: file, path: secrets/a }, B: { kind: file, path: /run/b } }',
  )
  const plan = planOf(text, 'dev')
  assert.deepEqual(
    plan.gates.map(({ id }) => id),
    ['command', 'command-2'],
  )
  assert.deepEqual(plan.components[0]!.secrets, {
    A: { kind: 'file', path: '/srv/lokaltreu/secrets/a' },
    B: { kind: 'file', path: '/run/b' },
  })
})

test('a secret of a component stands over a variable of the environment', () => {
  const text = smallSpec('variables: { TOKEN: "", LOG: a }').replace(
    'router: { kind: embedded }',
    'router: { kind: embedded }, secrets: { TOKEN: { kind: env, name: T } }',
  )
  assert.deepEqual(planOf(text, 'dev').components[0]!.variables, { LOG: 'a' })
})

test('[R-A04] a mutable reference is refused when the plan is made', () => {
  const pinned = artifactOf('api')
  assert.deepEqual(refusals(smallSpec(), 'dev', { ...pinned, commit: 'main', version: 'latest' }), [
    'artifact: artifact.commit: "main" is a mutable reference; must be a full commit hash of 40 or 64 hex digits; pin it with `stellwerk artifact pin`',
    'artifact: artifact.version: "latest" is a mutable reference; must be a version of its own; pin it with `stellwerk artifact pin`',
  ])
  const loose = { ...pinned, components: { api: { ref: 'api:latest', digest: 'latest' } } }
  assert.match(
    refusals(smallSpec(), 'dev', loose).join(),
    /artifact.components.api.digest: "latest" is a mutable reference/,
  )
  assert.deepEqual(refusals(smallSpec(), 'dev', pinned), [])
})

test('the artifact holds exactly the components of the spec', () => {
  assert.deepEqual(refusals(smallSpec(), 'dev', artifactOf('app', 'web')), [
    'artifact: artifact.components: the artifact has no component "api", which the spec declares (stellwerk.yaml:2:20); pin it with `--component api=REF`',
    `artifact: artifact.components.app: the artifact's component "app" is not declared in the spec; did you mean "api"?`,
    `artifact: artifact.components.web: the artifact's component "web" is not declared in the spec`,
  ])
})

test('an environment that does not exist and flags that no program could get are refused', () => {
  assert.deepEqual(refusals(smallSpec(), 'def'), [
    'stellwerk.yaml:7:3: environments: there is no environment "def" in the spec; did you mean "dev"?',
  ])
  assert.match(refusals(smallSpec(), 'constructor').join(), /there is no environment "constructor"/)
  assert.deepEqual(refusals(smallSpec(), 'dev', artifactOf('api'), { 'claims-enabled': 'false', B_2: '' }), [])
  for (const flags of [{ '1a': 'x' }, { 'a b': 'x' }, { a: '\0' }, { a: 'x'.repeat(5000) }, { 'a-b': '1', a_b: '2' }]) {
    assert.equal(
      refusals(smallSpec(), 'dev', artifactOf('api'), flags as Record<string, string>).length,
      1,
      JSON.stringify(flags),
    )
  }
})

test('a reference of a kind that the platform does not run is refused by plan, not by a gate', () => {
  const spec = specOf(smallSpec())
  const planned = (ref: string) => {
    const artifact = { ...artifactOf('api'), components: { api: { ref, digest: DIGEST } } }
    const compiled = compile(spec, artifact, 'dev', { ...INPUTS, platforms: registry.platforms })
    return compiled.ok ? [] : compiled.problems.map(problemText)
  }
  for (const ref of ['/builds/api', '/builds/api.tar.gz', '/builds/api@2:x']) assert.deepEqual(planned(ref), [], ref)
  const image = `registry.example.org/api@${DIGEST}`
  const others = {
    [image]: 'an image',
    'registry.example.org:5000/team/api:v1': 'an image',
    'docker://registry.example.org/api': 'an image',
    'https://example.org/api.tar.gz': 'a URL',
    'HTTP://example.org/api.tar.gz': 'a URL',
    ['c'.repeat(40)]: 'a commit',
    ['c'.repeat(64)]: 'a commit',
  }
  for (const [ref, kind] of Object.entries(others)) {
    const [problem = '', ...more] = planned(ref)
    assert.deepEqual(more, [])
    assert(problem.includes(`is ${kind}; the platform "process" runs a folder or archive only`), problem)
  }
})
