import { english } from '../core/say.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '../adapters/registry.ts'
import { FULL_SPEC, problemsOf, readSpec, smallSpec, specOf } from './fixture.ts'

const KINDS = registry.platforms.map(({ kind }) => kind)
/** As many as there are. */
const PLATFORMS = KINDS.length > 1 ? `one of ${KINDS.join(', ')}` : KINDS.join()

function processWith(command: string) {
  return { kind: 'process', command, logFiles: 3, stopGraceMs: 10_000, hungAfterMs: 30_000, logMaxBytes: 10_000_000 }
}

test('[R-A01] every environment has its own platform, traffic, variables, limits, approvals and notifications', () => {
  const { dev, prod } = specOf(`service: demo
people: { maintainer: [sam] }
components: { api: { platform: { kind: process, command: node server.js }, router: { kind: embedded } } }
analysis: [{ metric: error-rate, max: 1% }]
smoke: [{ http: GET /health }]
environments:
  dev: {}
  prod:
    components:
      api:
        platform: { command: node prod.js }
        router: { listen: "127.0.0.1:9000", sticky: { header: x-session } }
        instances: 3
        variables: { REGION: eu }
    rollout: { steps: [50%, 100%], limits: { start: 9m } }
    analysis: [{ metric: error-rate, max: 0.5% }]
    approvals: [{ role: maintainer }]
    secrets: { HOOK: { kind: env, name: HOOK } }
    notify: [{ on: "*", to: { kind: webhook, url: { secret: HOOK } } }]
`).environments
  assert.deepEqual(dev!.components['api']!.platform, processWith('node server.js'))
  assert.deepEqual(prod!.components['api'], {
    health: { live: '/health', ready: '/readiness' },
    after: [],
    platform: processWith('node prod.js'),
    router: {
      kind: 'embedded',
      listen: '127.0.0.1:9000',
      sticky: { kind: 'header', name: 'x-session' },
      trustedProxies: [],
      timeoutMs: 30_000,
      deadlineMs: 5000,
      drainMs: 30_000,
    },
    instances: 3,
    variables: { REGION: 'eu' },
    secrets: {},
  })
  assert.deepEqual(
    [dev!.rollout.steps, prod!.rollout.steps],
    [
      [10, 50, 100],
      [50, 100],
    ],
  )
  assert.deepEqual([dev!.rollout.limits.start, prod!.rollout.limits.start], [300_000, 540_000])
  assert.deepEqual(prod!.analysis, { rules: [{ metric: 'error-rate', max: 0.005 }] })
  assert.deepEqual([dev!.approvals, prod!.approvals], [[], [{ role: 'maintainer', at: 'start' }]])
  assert.deepEqual([dev!.notify, prod!.notify.map(({ on }) => on)], [[], [['*']]])
})

test('a spec that uses every section is read, with its defaults filled in', () => {
  const { service, environments } = specOf(FULL_SPEC)
  assert.equal(service, 'lokaltreu')
  assert.deepEqual(Object.keys(environments), ['dev', 'prod'])
  const { dev, prod } = environments
  assert.deepEqual(dev!.gates, [
    { kind: 'artifact-pinned' },
    { kind: 'variables', required: [] },
    { kind: 'stable-release' },
  ])
  assert.deepEqual(prod!.gates.at(-1), { kind: 'command', run: 'node check.js', timeoutMs: 60_000 })
  assert.deepEqual(prod!.notify[0]!.on, ['P1', 'P2'])
  assert.deepEqual(prod!.variables, { LOG_LEVEL: 'warn', REGION: 'eu' })
  assert.equal(prod!.components['api']!.secrets['TOKEN']!.kind, 'env')
  assert.deepEqual(dev!.metrics, { kind: 'router' })
})

test('every mistake is reported at once, each with its line and column', () => {
  const text = `servise: demo
hold: 5m
calendar: {}
people: { maintainer: sam }
components:
  api: { healht: {}, variables: { A: 1 } }
rollout:
  steps: [10%, 5%, 50%]
  hold: 5 minutes
  strategy: blue
analysis:
  - { metric: error-rate, max: 300ms }
smoke:
  - { htp: GET /health }
environments:
  dev:
    components:
      apii: {}
      api: { platform: { kind: procces }, secrets: { TOKEN: hunter2 } }
`
  assert.deepEqual(problemsOf(text), [
    'stellwerk.yaml:1:1: service is missing: expected a name of lower-case letters, digits and dashes that starts with a letter (at most 40 characters)',
    'stellwerk.yaml:1:1: servise: unknown key "servise"; did you mean `service`?',
    'stellwerk.yaml:2:1: hold: unknown key "hold"; `hold` belongs under `rollout`',
    'stellwerk.yaml:3:1: calendar: "calendar" is not supported by this version; it would have no effect; remove it',
    'stellwerk.yaml:4:23: people.maintainer: expected a list, found "sam"',
    'stellwerk.yaml:6:10: components.api.healht: unknown key "healht"; did you mean `health`?',
    'stellwerk.yaml:6:38: components.api.variables.A: expected text (put numbers and booleans in quotes), or a map, found a number',
    'stellwerk.yaml:8:16: rollout.steps[1]: expected more than the 10% of the step before, found 5%',
    'stellwerk.yaml:8:20: rollout.steps[2]: the last step must be 100%, found 50%; add 100% as the last step',
    'stellwerk.yaml:9:9: rollout.hold: expected a duration with its unit, such as 30s, 5m or 1h30m, found "5 minutes"; write 5m',
    'stellwerk.yaml:10:13: rollout.strategy: expected one of blue-green, canary, found "blue"; did you mean "blue-green"?',
    'stellwerk.yaml:12:32: analysis[0].max: expected a percentage such as 10% or 0.5%, found "300ms"',
    'stellwerk.yaml:14:5: smoke[0]: http is missing: expected a method and a path such as "GET /health"',
    'stellwerk.yaml:14:7: smoke[0].htp: unknown key "htp"; did you mean `http`?',
    'stellwerk.yaml:18:7: environments.dev.components.apii: the component "apii" is not declared under `components` at the top level; did you mean "api"?',
    'stellwerk.yaml:18:7: environments.dev.components.apii: platform is missing: expected a map',
    `stellwerk.yaml:19:32: environments.dev.components.api.platform.kind: expected ${PLATFORMS}, found "procces"; did you mean "process"?`,
    'stellwerk.yaml:19:61: environments.dev.components.api.secrets.TOKEN: expected a map, found text',
  ])
})

test('a missing key is reported where its parent stands, with the environment that lacks it', () => {
  assert.deepEqual(problemsOf(smallSpec().replace('platform: { kind: process, command: node server.js }, ', '')), [
    'stellwerk.yaml:2:15: components.api: platform is missing in environment "dev": expected a map',
  ])
  assert.deepEqual(
    problemsOf('service: demo\nenvironments:\n  dev: {}\n').map((line) => line.slice(0, 75)),
    [
      'stellwerk.yaml:1:1: components is missing: expected a map of what is releas',
      'stellwerk.yaml:3:3: environments.dev: components is missing: expected a map',
      'stellwerk.yaml:3:3: environments.dev: analysis is missing: expected a list ',
      'stellwerk.yaml:3:3: environments.dev: smoke is missing: expected a list',
    ],
  )
})

test('a mistake in a layer that another covers is still reported, and one that all share only once', () => {
  assert.deepEqual(problemsOf(smallSpec('rollout: { hold: soon }', 'dev: { rollout: { hold: 1m } }')), [
    'stellwerk.yaml:5:18: rollout.hold: expected a duration with its unit, such as 30s, 5m or 1h30m, found "soon"',
  ])
  const shared = problemsOf(smallSpec('rollout: { hold: soon }', 'dev: {}\n  stage: {}\n  prod: {}'))
  assert.deepEqual(shared.filter((line) => line.includes('rollout.hold')).length, 1)
})

test('files that hold no spec are refused with a reason', () => {
  assert.deepEqual(problemsOf(''), [
    'stellwerk.yaml:1:1: the file is empty; run `stellwerk init` for one to start from',
  ])
  assert.deepEqual(problemsOf('- a'), [
    'stellwerk.yaml:1:1: expected a map that begins with `service:`, found a list of 1',
  ])
  assert.deepEqual(problemsOf(new Uint8Array([0x61, 0x0a, 0xff])), [
    'stellwerk.yaml:2:1: is not UTF-8 text; save the file as UTF-8',
  ])
  assert.match(problemsOf(smallSpec('', '{}')).join(), /environments: expected between 1 and 50 environments/)
  assert.match(
    problemsOf(smallSpec('', 'dev: null')).join(),
    /environments.dev: expected a map, found nothing \(an empty value\)/,
  )
  assert.match(problemsOf(smallSpec('', 'Dev: {}')).join(), /the key "Dev" is not a name that can stand here/)
})

test('keys with x- are free where keys are fixed and among names, and are headers among headers', () => {
  const text = `x-a: [1]
service: demo
components:
  x-defaults: &defaults { platform: { kind: process, command: node server.js, x-b: 1 }, router: { kind: embedded } }
  api: { <<: *defaults, health: { x-c: {} } }
people: { x-d: 5 }
rollout: { limits: { x-e: ~ } }
analysis: [{ metric: error-rate, max: 1%, x-f: 1 }]
smoke: [{ http: GET /health, x-g: 1, headers: { x-device: d }, expect: { x-h: 1 } }]
gates: [{ kind: variables, x-i: 1 }]
environments:
  x-base: nothing
  dev: { x-j: 1, people: { x-k: 1 } }
`
  const spec = specOf(text)
  assert.deepEqual(Object.keys(spec.environments), ['dev'])
  assert.deepEqual(Object.keys(spec.environments['dev']!.components), ['api'])
  assert.deepEqual(spec.environments['dev']!.smoke[0]!.headers, { 'x-device': 'd' })
  assert.deepEqual(spec.environments['dev']!.people, {})
})

test('values that may be secrets are never repeated', () => {
  const extra = 'variables: { PASSWORD: [hunter2] }'
  const text = smallSpec(extra).replace('GET /health', 'GET /health, headers: { authorization: { bearer: hunter2 } }')
  const lines = problemsOf(text).join('\n')
  assert.match(lines, /variables.PASSWORD: expected text .*, found a list/)
  assert.match(lines, /headers.authorization/)
  assert.doesNotMatch(lines, /hunter2/)
})

test('an address of a notifier is named as a secret, never written, and what was written is not shown', () => {
  const extra = 'notify: [{ on: "*", to: { kind: webhook, url: "https://me:hunter2@example.com/" } }]'
  assert.deepEqual(problemsOf(smallSpec(extra)), [
    'stellwerk.yaml:5:47: notify[0].to.url: expected `{ secret: NAME }`, where NAME is one of `secrets`, found text',
  ])
})

test('what this version does not do is refused by name, wherever the design has a word for it', () => {
  for (const [extra, key] of [
    ['regions: { allow: [eu] }', 'regions'],
    ['drills: []', 'drills'],
    ['aftercare: []', 'aftercare'],
    ['rollback: { mitigate: [{ flag: claims, to: false }] }', 'flag'],
    ['migrations: { kind: command, component: api, expand: a, database: X }', 'database'],
  ] as const) {
    assert.match(problemsOf(smallSpec(extra)).join('\n'), new RegExp(`"${key}" is not supported by this version`), key)
  }
  const smoke = smallSpec().replace('http: GET /health', 'openapi: openapi.yaml')
  assert.match(problemsOf(smoke).join('\n'), /"openapi" is not supported by this version/)
})

test('a list of problems stays readable', () => {
  const many = Array.from({ length: 300 }, (_, index) => `key${index}: 1`).join('\n')
  const read = readSpec({ text: smallSpec(many), file: 'stellwerk.yaml' })
  assert.ok(!read.ok)
  assert.equal(read.problems.length, 101)
  assert.match(english(read.problems.at(-1)!.message), /there are more problems from here on/)
})

test('a file made to cost much is answered soon', () => {
  const keys = Array.from({ length: 15_000 }, (_, index) => `  key${index}: 1`).join('\n')
  const environments = Array.from({ length: 50 }, (_, index) => `e${index}: {}`).join('\n  ')
  const began = process.cpuUsage()
  assert.equal(problemsOf(smallSpec(`rollout:\n${keys}`, environments)).length, 101)
  assert.ok(process.cpuUsage(began).user < 10_000_000)
})

test('a key that had another name is refused with the name that it has now', () => {
  const says = (yaml: string) => problemsOf(smallSpec(yaml)).join('\n')
  assert.match(says('rollback: { damp: [] }'), /unknown key "damp"; it is called `mitigate` now/)
  assert.match(says('rollout: { blindFor: 5m }'), /unknown key "blindFor"; it is called `noDataFor` now/)
})
