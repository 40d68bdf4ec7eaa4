import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FULL_SPEC, planOf, smallSpec } from './fixture.ts'
import { renderPlan } from './render-plan.ts'

test('[R-F05] a plan shows every step, what judges it, and the way back from each step', () => {
  const text = renderPlan(planOf(FULL_SPEC, 'prod', { flags: { claims: 'a "b"' } }), 'sha256:cafe')
  assert.equal(
    text,
    `lokaltreu v1.4.0 → prod (canary)
  commit  ${'b'.repeat(40)}
  build   https://ci.example.com/builds/7
  plan    sha256:cafe
  flag    claims = "a \\"b\\""

Components, in the order in which they are deployed
  api     1 × process  embedded 127.0.0.1:8080  sha256:${'a'.repeat(64)}
  worker  1 × process  no traffic               sha256:${'a'.repeat(64)}

Configuration, by name
  api     LOG_LEVEL, REGION, TOKEN (secret, env)
  worker  LOG_LEVEL, REGION

Gates
  artifact-pinned
  variables        required: ["TOKEN"]
  command          run: node check.js, timeoutMs: 60000

Approvals
  start/maintainer        by whoever holds maintainer
  go-no-go/product-owner  by sam

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
   1  check 3 gates                 within 15m
   2  wait for 2 approvals          within 1d
   3  deploy api × 1                within 2m
   4  deploy worker × 1             within 2m
   5  migrate (expand)              within 30m
   6  smoke-test the candidate (2)  within 5m
   7  shift traffic to 10%          within 1m
   8  hold 10%                      for 10m
   9  shift traffic to 50%          within 1m
  10  hold 50%                      for 10m
  11  shift traffic to 100%         within 1m
  12  bake at 100%                  for 30m
  13  smoke-test live (2)           within 5m
  14  finalize                      previous release stays warm for 1d

The way back
  from 1-2   nothing to take back
  from 3-4   stop the candidate
  from 5-6   stop the candidate → migrate down (node migrate.js down)
  from 7-14  damp (node off.js) → make sure the previous release is ready → all traffic back → stop the candidate → migrate down (node migrate.js down) → smoke-test live → watch for 30m

Told
  P1, P2  webhook chat.example.com

Worth a look
  "error-rate to live" compares raw values: with little traffic it rolls back healthy releases too.
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
