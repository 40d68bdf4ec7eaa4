import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confirmationText, planCommand, planText } from '../../src/cli/screen/plan-text.ts'
import { planForecast } from '../../src/core/forecast/plan-forecast.ts'
import type { Plan } from '../../src/core/plan.ts'
import { FULL_SPEC, planOf, smallSpec } from '../../src/stellwerk-yaml/fixture.ts'
import { type Language, messagesIn } from '../../src/text/languages.ts'
import type { ShownPlan } from '../../src/text/plan/plan.ts'

function shownOf(plan: Plan, more: Partial<ShownPlan> = {}): ShownPlan {
  return {
    plan,
    planHash: 'sha256:cafe',
    forecast: planForecast(plan, {}, more.previous === null),
    standing: null,
    ...more,
  }
}

function rendered(plan: Plan, language: Language = 'en', more: Partial<ShownPlan> = {}): string {
  return planText(shownOf(plan, more), messagesIn(language))
}

test('a plan shows every step, what judges it, and the way back from each step', () => {
  const text = rendered(planOf(FULL_SPEC, 'prod', { flags: { claims: 'a "b"' } }))
  assert.equal(
    text,
    `lokaltreu v1.4.0 → prod (canary)
  commit  ${'b'.repeat(40)}
  build   https://ci.example.com/builds/7
  plan    sha256:cafe
  flag    claims = "a \\"b\\""

Components, in the order in which they are deployed
  api     1 × process  embedded 127.0.0.1:8081  sha256:${'a'.repeat(64)}
  worker  1 × process  no traffic               sha256:${'a'.repeat(64)}

Configuration, by name
  api     LOG_LEVEL, REGION, TOKEN (secret, env DEV_TOKEN)
  worker  LOG_LEVEL, REGION

Gates
  artifact-pinned
  variables        required: ["TOKEN"]
  command          run: node check.js, timeoutMs: 60000, waits for the approvals

Approvals
  start/maintainer        by person:jo or person:kim
  go-no-go/product-owner  by person:sam

Migration
  expand  node migrate.js up (api)
  back    node migrate.js down (api)

Smoke tests
  GET /health is 200  GET /health → 200                 api
  claim a stamp       POST /v1/stamps/claim → 200, 201  api, dry run

Judged by
  error-rate          at most 1 %; rolled back above 2 % for 5m
  latency-p95         at most 300ms; rolled back above 500ms for 5m
  error-rate to live  rolled back when more than 50 % above live for 5m
  readiness-flapping  at most 0.1 %
  memory              rolled back above 512MB for 1m
  info-logs silence   rolled back when nothing is logged for 10m
  requests            at least 200 answered by the candidate in every step

Steps
   1.  check the gates: artifact-pinned, variables                      within 15m
   2.  collect the approvals: start/maintainer, go-no-go/product-owner  within 1d
   3.  check the gates: command                                         within 15m
   4.  start api beside live (1 instance)                               within 2m
   5.  migrate the schema (expand)                                      within 30m
   6.  smoke-test the candidate (2)                                     within 5m
   7.  shift traffic to 10 %                                            within 1m
   8.  hold at 10 % for 10m, under analysis                             up to 40m if evidence is missing
   9.  shift traffic to 50 %                                            within 1m
  10.  hold at 50 % for 10m, under analysis                             up to 40m if evidence is missing
  11.  stop live's workers, then start the candidate's                  within 7m
  12.  shift traffic to 100 %                                           within 1m
  13.  bake at 100 % for 30m                                            up to 2h if evidence is missing
  14.  smoke-test live (2)                                              within 5m
  15.  finalize: the candidate becomes live                             the previous release stays warm for 1d

The way back, from step
  1–3    nothing to undo
  4      stop the candidate
  5–6    stop the candidate → migrate the schema back (node migrate.js down)
  7–10   mitigate (node off.js) → make sure the previous version is ready → return all traffic → stop the candidate → migrate the schema back (node migrate.js down) → smoke-test live → watch for 30m
  11–15  mitigate (node off.js) → make sure the previous version is ready → return all traffic → stop the candidate → migrate the schema back (node migrate.js down) → start the previous version's workers → smoke-test live → watch for 30m
         target: users are back within 5m

No data while users are on the candidate
  platform, router  rolled back after 20s; a first release, which has nothing to go back to, like metrics
  metrics           held, people are called, rolled back after 5m unless somebody resumes it

Notified
  P1, P2  webhook (secret in CHAT_URL)

What each step can see of api (20 requests/s, 0.5 % errors, declared)
   8. 10 % · 10m   error-rate          rolls back from 2.1 % errors (4.2 times live's) after 5m (in 95 of 100 from 3.2 %); holds from 1.1 % errors (2.1 times live's) at its end (in 95 of 100 from 1.6 %)
                   latency-p95         rolls back from 5.1 % of the requests slower than 500ms after 5m (in 95 of 100 from 6.8 %); holds from 5.1 % of the requests slower than 300ms at its end (in 95 of 100 from 6.2 %)
                   error-rate to live  rolls back from 1.5 times live's errors after 5m (in 95 of 100 from 3.3 times)
                   readiness-flapping  holds while the step is above it; needs no traffic
                   memory              rolls back after 1m; needs no traffic
                   info-logs silence   rolls back after 10m without a line
  10. 50 % · 10m   error-rate          rolls back from 2 % errors (4 times live's) after 5m (in 95 of 100 from 2.5 %); holds from 1 % errors (2 times live's) at its end (in 95 of 100 from 1.2 %)
                   latency-p95         rolls back from 5 % of the requests slower than 500ms after 5m (in 95 of 100 from 5.7 %); holds from 5 % of the requests slower than 300ms at its end (in 95 of 100 from 5.5 %)
                   error-rate to live  rolls back from 1.5 times live's errors after 5m (in 95 of 100 from 2.4 times)
                   readiness-flapping  holds while the step is above it; needs no traffic
                   memory              rolls back after 1m; needs no traffic
                   info-logs silence   rolls back after 10m without a line
  13. 100 % · 30m  error-rate          rolls back from 2 % errors (4 times live's) after 5m (in 95 of 100 from 2.3 %); holds from 1 % errors (2 times live's) at its end (in 95 of 100 from 1.1 %)
                   latency-p95         rolls back from 5 % of the requests slower than 500ms after 5m (in 95 of 100 from 5.5 %); holds from 5 % of the requests slower than 300ms at its end (in 95 of 100 from 5.2 %)
                   error-rate to live  rolls back from 1.5 times live's errors after 5m (in 95 of 100 from 2.3 times)
                   readiness-flapping  holds while the step is above it; needs no traffic
                   memory              rolls back after 1m; needs no traffic
                   info-logs silence   rolls back after 10m without a line

Worth a look
  ! api: "error-rate to live" (+50 % over 5m relative to live) would stop about 85 of 100 healthy releases at 20 requests/s with 0.5 % errors; use \`{ metric: error-rate, compare: sequential, tolerance: 50% }\``,
  )
})

test('a rule that can never roll back, silence towards people and missing approvals are said', () => {
  const text = smallSpec('rollout: { steps: [100%], bake: 1m }').replace('max: 1%', 'trigger: { above: 2%, for: 5m }')
  const shown = rendered(planOf(text, 'dev'))
  assert.match(
    shown,
    /"error-rate" looks at 5m, longer than all holds and the bake together \(1m\): it can never roll back/,
  )
  assert.match(shown, /nobody is notified of anything/)
  assert.match(shown, /no approval is asked for/)
})

test('[R-D11] a control share stands in the steps, with what follows it, and what the bake sees beside it', () => {
  const text = smallSpec('rollout: { steps: [10%, 100%], bake: { for: 20m, control: 10% } }').replace(
    'router: { kind: embedded }',
    'router: { kind: embedded }, traffic: { requestsPerSecond: 20, errorRate: 0.5% }',
  )
  const plan = planOf(text, 'dev')
  const shown = rendered(plan)
  assert.match(shown, /bake at 90 % for 20m; 10 % stay on live to compare with +up to 1h20m if evidence is missing/)
  assert.match(shown, /hold at 100 % for 1m, under analysis +up to 1h20m if evidence is missing/)
  assert.match(shown, / {3}7\. 90 % · 20m /)
  assert.doesNotMatch(shown, /100 % · 1m/, 'nothing is expected to be found in the last minute')
  assert.match(rendered(plan, 'de'), /bei 90 % für 20m beobachten; 10 % bleiben zum Vergleich auf live/)
  const first = rendered(plan, 'en', { previous: null })
  assert.match(first, /shift traffic to 100 %.*\n.*bake at 100 % for 20m.*\n.*smoke-test live/)
  assert.doesNotMatch(first, /stay on live/)
})

test('a migration without a way back says so', () => {
  const text = smallSpec('migrations: { kind: command, component: api, expand: up }')
  assert.match(rendered(planOf(text, 'dev')), /back +none: the change stays after a rollback/)
})

test('in German nothing of it is English: only ids of rules are quoted', () => {
  const plan = planOf(FULL_SPEC, 'prod')
  for (const previous of ['v1', null, undefined]) {
    const shown = rendered(plan, 'de', { previous, standing: { kind: 'first', by: 'consent' } })
    const quoted = [...shown.matchAll(/„([^“]*)“/g)].map(([, words]) => words)
    assert.deepEqual([...new Set(quoted)], previous === null ? [] : ['error-rate to live'])
    assert.match(shown, /Beurteilt nach\n {2}error-rate +höchstens 1 %; zurückgerollt, wenn 5m lang über 2 %\n/)
    assert.match(shown, /Was jeder Schritt von api sieht \(20 Anfragen\/s, 0,5 % Fehler, angegeben\)/)
    assert.doesNotMatch(shown, /\b(rolled back|within|the|at least|smoke-test)\b/)
  }
})

test('a first release has no shares of traffic, nothing to compare with, and the maintenance page as its way back', () => {
  const shown = rendered(planOf(FULL_SPEC, 'prod'), 'en', { previous: null })
  assert.doesNotMatch(shown, /shift traffic to 10 %/)
  assert.match(shown, /error-rate to live .*; not this first release, which has nothing to compare with/)
  assert.match(shown, /8–11 +show the maintenance page → stop the candidate\n\n/)
  assert.match(shown, /platform, router, metrics +held, people are called/)
})

test('limits stand as they were written, not rounded', () => {
  const text = smallSpec().replace('max: 1%', 'max: 1.125%, trigger: { above: 2.375%, for: 1h1m1s }')
  assert.match(rendered(planOf(text, 'dev')), /at most 1\.125 %; rolled back above 2\.375 % for 1h1m1s\n/)
})

test('before a question the plan is shorter, and says what is left out and how to see it', () => {
  const shown = confirmationText(shownOf(planOf(FULL_SPEC, 'prod')), 'stellwerk plan -e prod', messagesIn('en'), 79)
  assert.match(shown, /\nSteps\n[^]*\nThe way back, from step\n[^]*\nWorth a look\n/)
  assert.doesNotMatch(shown, /\n(Gates|Judged by|Notified)\n/)
  assert.match(
    shown,
    /\nNot shown here: Configuration, by name · Gates · Migration · Smoke tests ·\n {2}Judged by · Notified · What each step can see\. The whole plan:\n {2}stellwerk plan -e prod$/,
  )
})

for (const columns of [120, 80, 60, 40]) {
  test(`at ${columns} columns no line is longer but for words that are, and no word is lost`, () => {
    const shown = shownOf(planOf(FULL_SPEC, 'prod'), { previous: 'v1' })
    for (const text of [messagesIn('en'), messagesIn('de')]) {
      const narrow = planText(shown, text, columns)
      const long = narrow.split('\n').filter((line) => line.length > columns && line.trim().includes(' '))
      assert.deepEqual(long, [])
      const words = (lines: string) => lines.split(/\s+/).toSorted()
      assert.deepEqual(words(narrow), words(planText(shown, text)))
    }
  })
}

test('the command to see it all is quoted where a shell asks for it', () => {
  const asked = { environment: 'prod', artifact: './my build.json', flag: ["claims=it's"], file: 'a/b.yaml' }
  assert.equal(
    planCommand(asked),
    "stellwerk plan -e prod --artifact './my build.json' --flag 'claims=it'\\''s' --file a/b.yaml",
  )
})
