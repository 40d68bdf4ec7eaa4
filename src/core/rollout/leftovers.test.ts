/** What belongs to no release in force, what people are told of it, and in which order it is ended. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor, stableV1 } from '../../testing/plans.ts'
import { EMPTY_SLOT, type ObservedRoute, type ObservedSlot } from '../observed.ts'
import type { Instant } from '../time.ts'
import { decide } from './decide.ts'
import type { World } from './inputs.ts'
import { endingOf, leftoverView, leftovers } from './leftovers.ts'
import type { RolloutState } from './state.ts'

const begun = decide(null, requestFor(planFor()), 1_000_000 as Instant).state
const finalized: RolloutState = { ...begun, status: 'finalized', at: begun.steps.length - 1 }
const closed: RolloutState = { ...finalized, windowClosed: true }

const slot = (release: string, version = 'v0'): ObservedSlot => ({
  ...EMPTY_SLOT,
  present: true,
  release,
  version,
  running: 1,
  ready: 1,
  upstreams: [`127.0.0.1:${release.length + 4000}`],
})

const route = (url: string, upstreams: readonly string[] = []): ObservedRoute => ({
  weights: { blue: 100, green: 0 },
  upstreams: { blue: upstreams, green: [] },
  inFlight: { blue: 0, green: 0 },
  maintenance: false,
  generation: 3,
  url,
})

type Seen = Pick<World, 'slots' | 'routes'>
const old = slot('shop-prod-0')
const table: readonly (readonly [what: string, state: RolloutState, seen: Seen, left: readonly string[]])[] = [
  ['nothing is there', finalized, { slots: { old: { blue: EMPTY_SLOT, green: EMPTY_SLOT } }, routes: {} }, []],
  ['the release in force', closed, { slots: { api: { green: slot('shop-prod-2') } }, routes: {} }, []],
  ['the previous one, in its window', finalized, { slots: { api: { blue: slot(stableV1.rollout) } }, routes: {} }, []],
  ['the previous one, later', closed, { slots: { api: { blue: slot(stableV1.rollout) } }, routes: {} }, ['api blue']],
  ['an even older one', finalized, { slots: { api: { blue: old } }, routes: {} }, ['api blue']],
  ['a component of no plan', finalized, { slots: { old: { green: old } }, routes: {} }, ['old green']],
  ['what the spare slot still holds', begun, { slots: { api: { green: old } }, routes: {} }, []],
  ['a route of no plan', finalized, { slots: {}, routes: { old: route('http://old') } }, ['route of old']],
  ['a route that is not there', finalized, { slots: {}, routes: { old: { ...route(''), generation: 0 } } }, []],
]

describe('what is left over', () => {
  for (const [what, state, seen, left] of table)
    it(`${left.length === 0 ? 'is not' : 'is'}: ${what}`, () => {
      const found = leftovers([state], seen)
      const named = found.map(
        (each) => `${each.kind === 'slot' ? `${each.component} ${each.slot}` : `route of ${each.component}`}`,
      )
      assert.deepEqual(named, left)
    })

  it('is told with its place, whose it is, and what becomes of it', () => {
    const seen = { slots: { old: { green: old } }, routes: { old: route('http://127.0.0.1:81') } }
    const texts = (state: RolloutState) => leftovers([state], seen).map((each) => leftoverView(each, state).text)
    assert.deepEqual(texts(finalized), [
      'old v0 (one instance in green, of shop-prod-0) belongs to no release in force; it is ended as soon as no route points to it',
      'http://127.0.0.1:81 is answered for old, which no release in force routes; it is ended as soon as no route points to it',
    ])
    assert.match(texts(begun)[0] ?? '', /it is ended when shop-prod-2 deploys, or ends$/)
  })

  it('is ended routes first: an instance that one still names only when it was seen not to', () => {
    const slots = { old: { green: old, blue: slot('shop-prod-0') } }
    const ended = (routes: Seen['routes']) => endingOf(finalized, { slots, routes }).map(({ type }) => type)
    assert.deepEqual(ended({ old: route('http://old', old.upstreams) }), ['RemoveRoute'])
    assert.deepEqual(ended({}), ['StopSlot', 'StopSlot'])
  })
})
