import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FULL_SPEC, planOf, smallSpec } from './fixture.ts'
import { renderPlan } from './render-plan.ts'

test('a plan shows every step, what judges it, and the way back from each step', () => {
  const text = renderPlan(planOf(FULL_SPEC, 'prod', { flags: { claims: 'a "b"' } }), 'sha256:cafe')
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
  api     LOG_LEVEL, REGION, TOKEN (secret, env)
  worker  LOG_LEVEL, REGION

Gates
  artifact-pinned
  variables        required: ["TOKEN"]
  command          run: node check.js, timeoutMs: 60000

Approvals
  start/maintainer        by person:jo or person:kim
  go-no-go/product-owner  by person:sam

Migration
  expand  node migrate.js up (api)
  down    node migrate.js down (api)

Smoke tests
  GET /health is 200  api
  claim a stamp       api, dry run

Judged by
  error-rate          at most 1%; rolled back above 2% for 5m
  latency-p95         at most 300ms; rolled back above 500ms for 5m
  error-rate to live  rolled back when more than 50% above live for 5m
  readiness-flapping  at most 0.1%
  memory              rolled back above 512MB for 1m
  info-logs silence   rolled back when nothing is logged for 10m
  requests            at least 200 answered by the candidate in every step

Steps
   1  check 2 gates: artifact-pinned, variables        within 15m
   2  wait for 2 approvals                             within 1d
   3  check 1 gate: command                            within 15m
   4  deploy api × 1                                   within 2m
   5  migrate (expand)                                 within 30m
   6  smoke-test the candidate (2)                     within 5m
   7  shift traffic to 10%                             within 1m
   8  hold 10%                                         for 10m
   9  shift traffic to 50%                             within 1m
  10  hold 50%                                         for 10m
  11  stop live's workers, then start the candidate's  within 7m
  12  shift traffic to 100%                            within 1m
  13  bake at 100%                                     for 30m
  14  smoke-test live (2)                              within 5m
  15  finalize                                         previous release stays warm for 1d

What each step sees
   8  api  error-rate          rolls back from 2.1 % errors (4.2 times live's) after 5m (in 95 of 100 from 3.2 %); holds from 1.1 % errors (2.1 times live's) at its end (in 95 of 100 from 1.6 %)
   8  api  latency-p95         rolls back from 5.1 % of the requests slower than 500ms after 5m (in 95 of 100 from 6.8 %); holds from 5.1 % of the requests slower than 300ms at its end (in 95 of 100 from 6.2 %)
   8  api  error-rate to live  rolls back from 1.5 times live's errors after 5m (in 95 of 100 from 3.3 times)
   8  api  readiness-flapping  holds while the step is above it; needs no traffic
   8  api  memory              rolls back after 1m; needs no traffic
   8  api  info-logs silence   rolls back after 10m without a line
  10  api  error-rate          rolls back from 2 % errors (4 times live's) after 5m (in 95 of 100 from 2.5 %); holds from 1 % errors (2 times live's) at its end (in 95 of 100 from 1.2 %)
  10  api  latency-p95         rolls back from 5 % of the requests slower than 500ms after 5m (in 95 of 100 from 5.7 %); holds from 5 % of the requests slower than 300ms at its end (in 95 of 100 from 5.5 %)
  10  api  error-rate to live  rolls back from 1.5 times live's errors after 5m (in 95 of 100 from 2.4 times)
  10  api  readiness-flapping  holds while the step is above it; needs no traffic
  10  api  memory              rolls back after 1m; needs no traffic
  10  api  info-logs silence   rolls back after 10m without a line
  13  api  error-rate          rolls back from 2 % errors (4 times live's) after 5m (in 95 of 100 from 2.3 %); holds from 1 % errors (2 times live's) at its end (in 95 of 100 from 1.1 %)
  13  api  latency-p95         rolls back from 5 % of the requests slower than 500ms after 5m (in 95 of 100 from 5.5 %); holds from 5 % of the requests slower than 300ms at its end (in 95 of 100 from 5.2 %)
  13  api  error-rate to live  rolls back from 1.5 times live's errors after 5m (in 95 of 100 from 2.3 times)
  13  api  readiness-flapping  holds while the step is above it; needs no traffic
  13  api  memory              rolls back after 1m; needs no traffic
  13  api  info-logs silence   rolls back after 10m without a line

The way back
  from 1-3    nothing to take back
  from 4      stop the candidate
  from 5-6    stop the candidate → migrate down (node migrate.js down)
  from 7-10   mitigate (node off.js) → make sure the previous release is ready → all traffic back → stop the candidate → migrate down (node migrate.js down) → smoke-test live → watch for 30m
  from 11-15  mitigate (node off.js) → make sure the previous release is ready → all traffic back → stop the candidate → migrate down (node migrate.js down) → start the previous workers → smoke-test live → watch for 30m

No data while users are on the candidate
  platform, router  rolled back after 20s; a first release, which has nothing to go back to, like metrics
  metrics           held, people are called, rolled back after 5m unless somebody resumes it

Told
  P1, P2  webhook (secret in CHAT_URL)

Worth a look
  api: "error-rate to live" (+50 % over 5m relative to live) would stop about 85 of 100 healthy releases at 20 requests/s with 0.5 % errors; use \`{ metric: error-rate, compare: sequential, tolerance: 50% }\`
`,
  )
})

test('a rule that can never roll back, silence towards people and missing approvals are said', () => {
  const text = smallSpec('rollout: { steps: [100%], bake: 1m }').replace('max: 1%', 'trigger: { above: 2%, for: 5m }')
  const shown = renderPlan(planOf(text, 'dev'), 'sha256:cafe')
  assert.match(
    shown,
    /"error-rate" looks at 5m, longer than all holds and the bake together \(1m\): it can never roll back/,
  )
  assert.match(shown, /nobody is notified of anything/)
  assert.match(shown, /no approval is asked for/)
})

test('a migration without a way back says so', () => {
  const text = smallSpec('migrations: { kind: command, component: api, expand: up }')
  assert.match(renderPlan(planOf(text, 'dev'), 'sha256:cafe'), /down +none: the change stays after a rollback/)
})
