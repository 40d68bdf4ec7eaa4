import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Actor } from '../rollout/inputs.ts'
import { instant } from '../time.ts'
import { incidents } from './aggregate.ts'
import { decide } from './decide.ts'
import type { IncidentInput, RecordedIncident } from './events.ts'
import { evolve, type IncidentState, viewOf } from './state.ts'

const OPEN = {
  type: 'open',
  id: 'incident-shop-prod-2-1000',
  rollout: 'shop-prod-2',
  service: 'shop',
  environment: 'prod',
  version: 'v2',
  priority: 'P2',
  title: 'error rate of the candidate was 12 %',
} as const
const alex: Actor = { id: 'person:alex', roles: [], token: 'tok_1' }
const kim: Actor = { id: 'person:kim', roles: [] }
const ack = (by = alex) => ({ type: 'acknowledge', by }) as const
const resolve = (note: string, by = kim) => ({ type: 'resolve', by, note }) as const

/** One input per second from 1 s on; answers the state and every event. */
function after(...inputs: readonly IncidentInput[]) {
  const events: RecordedIncident[] = []
  let state: IncidentState | null = null
  for (const [index, input] of inputs.entries()) {
    const decided = decide(state, input, instant(1000 * (index + 1)))
    state = decided.state
    events.push(...decided.events)
  }
  assert.ok(state)
  return { state, events, types: events.map(({ type }) => type), view: viewOf(state) }
}

describe('an incident', () => {
  it('is opened once, however often it is opened', () => {
    const { types, view } = after(OPEN, OPEN)
    assert.deepEqual(types, ['IncidentOpened'])
    const { type: _, ...opening } = OPEN
    assert.deepEqual(view, { ...opening, phase: 'open', openedAt: 1000, acknowledged: null, resolved: null })
  })

  it('is acknowledged by the first who does, and resolved with a note', () => {
    const { types, events, view } = after(OPEN, ack(), ack(kim), resolve('rolled back, fix in v3'))
    assert.deepEqual(types, ['IncidentOpened', 'IncidentAcknowledged', 'IncidentResolved'])
    assert.deepEqual(
      events.map(({ actor, token, version }) => [actor, token, version]),
      [
        ['system', undefined, 1],
        ['person:alex', 'tok_1', 2],
        ['person:kim', undefined, 3],
      ],
    )
    assert.equal(view.phase, 'resolved')
    assert.deepEqual(view.acknowledged, { by: 'person:alex', at: 2000 })
    assert.deepEqual(view.resolved, { by: 'person:kim', at: 4000, note: 'rolled back, fix in v3' })
  })

  it('may be resolved without having been acknowledged', () => {
    assert.deepEqual(after(OPEN, resolve('a false alarm')).types, ['IncidentOpened', 'IncidentResolved'])
  })

  for (const late of [ack(), resolve('another note')])
    it(`refuses to be ${late.type}d after it was resolved, and says by whom it was`, () => {
      const { events, view } = after(OPEN, resolve('fixed'), late)
      const refused = events.at(-1)
      assert.ok(refused?.type === 'RequestRefused')
      assert.equal(refused.data.reason, 'it was already resolved, by person:kim: fixed')
      assert.equal(view.resolved?.note, 'fixed')
    })

  it('keeps its own time where the clock of a session runs behind', () => {
    const { state } = after(OPEN, ack())
    const decided = decide(state, resolve('fixed'), instant(500))
    assert.equal(decided.state.resolved?.at, 2000)
  })

  it('does not exist before it is opened', () => {
    assert.throws(() => decide(null, ack(), instant(1)), /acknowledge for an incident that does not exist/)
    const [, acknowledged] = after(OPEN, ack()).events
    assert.throws(() => evolve(null, acknowledged!), /begins with IncidentAcknowledged instead of IncidentOpened/)
  })

  it('is final for lists once it is resolved, and time alone never drives it', () => {
    const listed = (...inputs: readonly IncidentInput[]) => incidents.listed(after(OPEN, ...inputs).state)
    const place = { service: 'shop', environment: 'prod', version: 'v2' }
    assert.deepEqual(listed(), { ...place, phase: 'open', final: false })
    assert.deepEqual(listed(ack()), { ...place, phase: 'acknowledged', final: false })
    assert.deepEqual(listed(resolve('fixed')), { ...place, phase: 'resolved', final: true })
    assert.equal(incidents.due(after(OPEN).state), null)
    assert.deepEqual(incidents.decide(after(OPEN).state, { type: 'tick' }, instant(9e12), false).events, [])
  })
})
