import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WaitName } from '../core/views.ts'
import { planFor, requestFor } from '../testing/plans.ts'
import { exampleWaiting } from '../testing/example-rollout.ts'
import { simulate } from '../testing/world.ts'
import { isFinal } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import { deWait } from './waits.ts'

const BARE: WaitName = { kind: '', subject: null, weight: null, lastsMs: null, lacks: null, end: 'rolled-back' }

describe('a wait in German', () => {
  it('has the component, the share, the time and what is missing', () => {
    const said = (named: Partial<WaitName>) => deWait({ ...exampleWaiting('…'), named: { ...BARE, ...named } }).what
    assert.equal(said({ kind: 'deploy', subject: 'api', lacks: '0 of 2 ready' }), 'api (0 of 2 ready)')
    assert.equal(said({ kind: 'hold', weight: 10, lastsMs: 300_000 }), 'das Ende der Stufe mit 10 % (5m)')
    assert.equal(said({ kind: 'approvals', subject: 'maintainer' }), 'Freigabe als maintainer')
  })

  it('leaves as it came what only the text knows', () => {
    assert.deepEqual(deWait(exampleWaiting('metrics of api: no data')), {
      what: 'metrics of api: no data',
      next: 'abort',
    })
  })

  for (const bad of [false, true]) {
    it(`is in German in every step of a ${bad ? 'bad' : 'good'} release`, () => {
      const v2 = bad ? { errorRate: () => 0.5 } : {}
      const world = simulate({ builds: { v1: {}, v2 } })
      world.serving('blue', 'shop-prod-1', 'v1')
      world.give(requestFor(planFor()))
      const seen = new Set<string>()
      world.run((state) => {
        const { waiting } = viewOf(state, state.lastAt)
        if (waiting !== null) {
          const { what, next } = deWait(waiting)
          seen.add(waiting.named?.kind ?? waiting.for)
          assert.notEqual(what, waiting.for)
          assert.notEqual(next, waiting.then)
        }
        return isFinal(state)
      })
      assert.ok(seen.has('hold') && seen.has(bad ? 'traffic-back' : 'verify-live'), [...seen].join(', '))
    })
  }
})
