/** A witness that overlooks a lie would prove nothing: each kind of lie is told here once, and found. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EnvironmentView } from '../../../src/core/views.ts'
import type { StoredEvent } from '../../../src/ports/store.ts'
import { answerLies, phaseLies, weightLies } from './lies.ts'
import type { Testimony } from './witness.ts'

/** v1 in blue, v2 in green. */
function said(green: number, phase = 'holding'): EnvironmentView {
  const slot = (slot: string, version: string, weight: number) => ({ slot, version, weight })
  const slots = [slot('blue', 'v1', 100 - green), slot('green', 'v2', green)]
  const holder = { id: 'r-1', phase }
  return { environment: 'prod', holder, serving: [{ component: 'api', observedAt: 1, slots }] } as never
}

const route = (from: number, green: number) => ({
  from,
  to: from + 5,
  value: { prod: { blue: 100 - green, green } },
})
const statement = (from: number, view: EnvironmentView) => ({ from, to: from + 40, value: [view], by: 'http' as const })
const count = (from: number, v1: number, v2: number) => ({ from, to: from, value: { v1, v2, none: from } })

function testimony(parts: Partial<Testimony>): Testimony {
  return { routes: [], statements: [], answers: {}, silences: [], ...parts }
}

describe('weights', () => {
  const routes = [route(0, 0), route(50, 0), route(100, 50), route(150, 50), route(200, 100), route(250, 100)]

  it('may be those before or after a switch that fell between question and answer', () => {
    const statements = [statement(85, said(0)), statement(85, said(50))]
    assert.deepEqual(weightLies(testimony({ routes, statements })), [])
  })

  it('may not be those of long ago, nor of later, nor others', () => {
    for (const [at, green] of [
      [160, 0],
      [0, 50],
      [110, 51],
    ] as const) {
      const found = weightLies(testimony({ routes, statements: [statement(at, said(green))] }))
      assert.equal(found.length, 1, `${green} at ${at}`)
    }
  })
})

describe('versions', () => {
  const often = (green: number) => Array.from({ length: 60 }, (_, index) => statement(index * 100, said(green)))
  const steady = (v1: number, v2: number) =>
    Array.from({ length: 60 }, (_, index) => count(index * 100, v1 * index, v2 * index))

  it('are the truth when those answer that are said to serve', () => {
    const answers = { prod: steady(1, 1) }
    assert.deepEqual(answerLies(testimony({ statements: often(50), answers }), { mute: [] }), [])
  })

  it('are the truth when the first statement after the answers was long in coming', () => {
    const statements = [...often(0).slice(0, 20), { ...statement(3600, said(50)), to: 4200 }]
    const answers = { prod: [count(2000, 10, 0), count(2400, 20, 0), count(2900, 30, 5)] }
    assert.deepEqual(answerLies(testimony({ statements, answers }), { mute: [] }), [])
    const never = testimony({ statements: [...statements.slice(0, 20), statement(3600, said(0))], answers })
    assert.match(answerLies(never, { mute: [] })[0] ?? '', /v2 answered, said to serve: v1$/)
  })

  it('are a lie when another one answers, or when one that is said to serve does not', () => {
    const stranger = answerLies(testimony({ statements: often(0), answers: { prod: steady(1, 1) } }), { mute: [] })
    assert.match(stranger[0] ?? '', /v2 answered, said to serve: v1$/)
    const silent = testimony({ statements: often(50), answers: { prod: steady(1, 0) } })
    assert.match(answerLies(silent, { mute: [] })[0] ?? '', /v2 was said to serve .* and answered nobody/)
    assert.deepEqual(answerLies(silent, { mute: ['v2'] }), [])
  })
})

describe('phases', () => {
  const event = (at: number, type: string, data: object): StoredEvent =>
    ({ stream: 'r-1', at, type, data }) as unknown as StoredEvent
  const step = (at: number, kind: string) => event(at, 'StepStarted', { track: 'forward', step: { kind } })
  const events = [event(0, 'RolloutRequested', {}), step(100, 'shift'), step(2000, 'hold'), step(4000, 'shift')]

  it('are the truth while the log says the same', () => {
    const statements = [statement(150, said(0, 'shifting')), statement(3000, said(50, 'holding'))]
    assert.deepEqual(phaseLies(testimony({ statements }), events), [])
  })

  it('are a lie before and after', () => {
    for (const at of [1000, 5000]) {
      const found = phaseLies(testimony({ statements: [statement(at, said(50, 'holding'))] }), events)
      assert.match(found[0] ?? '', /said holding, the log says shifting$/)
    }
  })
})
