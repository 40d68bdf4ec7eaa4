/** Who is told of what is a matter of environment and priority: from stellwerk.yaml through the engine to the channels. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Actor } from '../../src/core/rollout/inputs.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import type { Notification } from '../../src/ports/notifier.ts'
import { ok } from '../../src/ports/result.ts'
import { planOf } from '../../src/stellwerk-yaml/fixture.ts'
import { engineWorld } from './world.ts'

const kim: Actor = { id: 'person:kim', roles: ['release-captain'] }

const MAIL = '{ kind: smtp, host: mail.example.com, from: releases@example.com, to: team@example.com }'
const SPEC = `service: shop
components:
  api:
    platform: { kind: process, command: node server.js }
    router: { kind: embedded }
analysis: [{ metric: error-rate, max: 1% }]
smoke: [{ http: GET /health }]
secrets:
  CHAT: { kind: env, name: SHOP_CHAT }
environments:
  stage:
    components: { api: { router: { listen: "127.0.0.1:8081" } } }
    notify:
      - { on: "*", to: ${MAIL} }
      - { on: "*", to: { kind: slack, url: { secret: CHAT } } }
  prod:
    components: { api: { router: { listen: "127.0.0.1:8082" } } }
    secrets: { PAGER: { kind: env, name: SHOP_PAGER } }
    notify:
      - { on: "P1,P2", to: { kind: pagerduty, routingKey: { secret: PAGER } } }
      - { on: "P1,P2,P3", to: { kind: slack, url: { secret: CHAT } } }
      - { on: P3, to: ${MAIL} }
`

/** A release that goes live, one that is aborted, and one that is taken back and then needs a human. */
async function told(environment: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const sent: { readonly kind: string; readonly priority: string; readonly event: string }[] = []
  let isWell = true
  const wrap = (adapters: Adapters): Adapters => ({
    ...adapters,
    notifier: (_, { kind }) => ({
      deliver: async ({ priority, event, about }: Notification) => {
        assert.equal(about.environment, environment)
        sent.push({ kind, priority, event })
        return ok({ receipt: kind })
      },
    }),
    smoke: () => ({
      run: async () => {
        const check = { name: 'health', url: '', passed: isWell, expected: '', actual: '', durationMs: 1 }
        return ok({ passed: isWell, checks: [check] })
      },
    }),
  })
  const { release, end, controlPlane, clock } = await engineWorld({ wrap })
  const { notify } = planOf(SPEC, environment)
  const as = { environment, notify }
  await end(await release('v1', as))
  const aborted = await release('v2', as)
  await controlPlane.intend(aborted, { type: 'abort', reason: 'as a test' }, kim)
  await end(aborted)
  const bad = await release('v3', as)
  await end(bad)
  isWell = false
  await controlPlane.intend(bad, { type: 'roll-back', reason: 'as a test', cause: 'person' }, kim)
  for (let waited = 0; waited < 3600; waited += 1) {
    const seen = await controlPlane.rollout(bad)
    if (seen.ok && seen.value.phase === 'needs-human') break
    await clock.advance(1000)
  }
  await clock.advance(60_000)
  const of = (priority: string) => sent.filter((each) => each.priority === priority)
  for (const [priority, event] of [
    ['info', 'finalized'],
    ['P3', 'aborted'],
    ['P2', 'rollback-started'],
    ['P1', 'needs-human'],
  ] as const)
    if (environment === 'stage' || priority !== 'info')
      assert.ok(
        of(priority).some((each) => each.event === event),
        `${event} is told as ${priority}: ${JSON.stringify(sent)}`,
      )
  return Object.fromEntries(
    ['P1', 'P2', 'P3', 'info'].map((priority) => [priority, [...new Set(of(priority).map(({ kind }) => kind))].sort()]),
  )
}

describe('[R-G03] routing by environment and priority', () => {
  it('in stage everything is a heads-up by mail and chat, and nobody is paged, not even for a P1', async () => {
    assert.deepEqual(await told('stage'), {
      P1: ['slack', 'smtp'],
      P2: ['slack', 'smtp'],
      P3: ['slack', 'smtp'],
      info: ['slack', 'smtp'],
    })
  })

  it('in prod P1 and P2 page and are in the chat, P3 is for mail and chat', async () => {
    assert.deepEqual(await told('prod'), {
      P1: ['pagerduty', 'slack'],
      P2: ['pagerduty', 'slack'],
      P3: ['slack', 'smtp'],
      info: [],
    })
  })
})
