/**
 * What a view offers is what the core takes: whatever stands among the intents of a rollout is not refused for the rollout's
 * sake, and what does not is refused, at every moment of a good release, a bad one, and one that ends with a human.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate, type WorldOptions } from '../../testing/world.ts'
import type { Instant } from '../time.ts'
import { decide } from './decide.ts'
import { INTENT_NAMES, type IntentName, intentOf } from './inputs.ts'
import { isFinal, type RolloutState } from './state.ts'
import { viewOf } from './view.ts'

const sam = { id: 'person:sam', roles: ['maintainer'] }
const reason = 'as the test says'

function isRefused(state: RolloutState, name: IntentName, now: Instant): boolean {
  const { id: rollout, planHash, identity } = state
  const seen = { rollout, planHash, identity }
  const intent = intentOf(name, { reason, note: reason, cause: 'person', approval: null, seen })
  const input = { ...intent, ...seen, by: sam, environmentFree: true }
  return decide(state, input, now).events.some(({ type }) => type === 'RequestRefused')
}

/** Every moment of a release, until some time after its end. */
function moments(options: Pick<WorldOptions, 'builds' | 'fault'>) {
  const world = simulate(options)
  world.serving('blue', 'shop-prod-1', 'v1')
  const approval = { id: 'maintainer', role: 'maintainer', at: 'start', people: [] } as const
  const plan = planFor()
  const steps = [...plan.steps.slice(0, 1), { kind: 'approvals' }, ...plan.steps.slice(1)]
  world.give(requestFor({ ...plan, approvals: [approval], steps }))
  const found: { readonly state: RolloutState; readonly now: Instant }[] = []
  for (let count = 0; count < 2000; count += 1) {
    const state = world.state()!
    found.push({ state, now: world.now() })
    if (viewOf(state, world.now()).phase === 'approvals')
      world.give({ type: 'approve', by: sam, approval: null, planHash: state.planHash, identity: state.identity })
    if (isFinal(state) && count % 7 === 0) break
    if (!world.step()) break
  }
  return found
}

const RELEASES: Readonly<Record<string, Pick<WorldOptions, 'builds' | 'fault'>>> = {
  'a good one': { builds: { v1: {}, v2: {} } },
  'a bad one': { builds: { v1: {}, v2: { errorRate: () => 0.5 } } },
  'one whose router fails on the way back': {
    builds: { v1: {}, v2: { errorRate: () => 0.5 } },
    fault: (command) =>
      command.type === 'SetRoute' && command.route.weights.green === 0 && command.route.weights.blue === 100
        ? 'permanent'
        : null,
  },
}

describe('what people may want of a rollout', () => {
  for (const [name, options] of Object.entries(RELEASES))
    it(`is what is not refused: ${name}`, () => {
      const met = new Set<string>()
      for (const { state, now } of moments(options)) {
        const { intents, phase } = viewOf(state, now)
        for (const intent of INTENT_NAMES) {
          const offered = intents.includes(intent)
          assert.equal(isRefused(state, intent, now), !offered, `${intent} while ${phase}`)
          if (offered) met.add(intent)
        }
      }
      assert.ok(met.has('pause') && met.has('abort') && met.has('approve'), [...met].join(', '))
    })
})
