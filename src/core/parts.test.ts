import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor } from '../testing/plans.ts'
import { partsOf } from './parts.ts'
import type { PlannedComponent } from './plan.ts'
import { setChanges } from './set-changes.ts'

type Set = Readonly<Record<string, string | null>>

/** Components by name with the address of their router, null for none. */
function componentsOf(set: Set): readonly PlannedComponent[] {
  const [base] = planFor().components
  return Object.entries(set).map(([name, listen]) => {
    return { ...base!, name, router: listen === null ? null : { kind: 'embedded', listen } }
  })
}

const A = '127.0.0.1:8080'
const B = '127.0.0.1:8081'

/** `web: web→web`, with `moves` and `late` where they hold; `-` for nobody. */
function routes(before: Set | null, own: Set): readonly string[] {
  const parts = partsOf({ components: componentsOf(own) }, before && componentsOf(before))
  return parts.routes.map(({ id, live, candidate, moves, late }) => {
    return `${id}: ${live ?? '-'}→${candidate ?? '-'}${moves ? ' moves' : ''}${late ? ' late' : ''}`
  })
}

describe('what a release means for each route', () => {
  const table: readonly (readonly [string, Set | null, Set, readonly string[]])[] = [
    ['a first release', null, { web: A }, ['web: -→web']],
    ['the same set', { web: A }, { web: A }, ['web: web→web']],
    ['a component is added', { web: A }, { web: A, api: B }, ['web: web→web', 'api: -→api']],
    ['a worker is added', { web: A }, { web: A, jobs: null }, ['web: web→web']],
    ['a component is removed', { web: A, api: B }, { web: A }, ['web: web→web', 'api: api→-']],
    ['it is renamed', { web: A }, { front: A }, ['front: web→front']],
    ['it is renamed, in another spelling', { web: 'localhost:8080' }, { front: A }, ['front: web→front moves']],
    ['it is renamed and moved', { web: A }, { front: B }, ['front: -→front', 'web: web→-']],
    ['a gateway is put in front', { web: A }, { gate: A, web: null }, ['gate: web→gate']],
    ['a router is given', { web: A, api: null }, { web: A, api: B }, ['web: web→web', 'api: -→api']],
    ['a router is taken away', { web: A, api: B }, { web: A, api: null }, ['web: web→web', 'api: api→-']],
    ['an address moves', { web: A }, { web: B }, ['web: web→web moves']],
    ['an address is widened', { web: A }, { web: '0.0.0.0:8080' }, ['web: web→web moves']],
    ['a free port stays free', { web: '127.0.0.1:0' }, { web: '127.0.0.1:0' }, ['web: web→web']],
    ['two exchange', { web: A, api: B }, { web: B, api: A }, ['web: web→web moves', 'api: api→api moves']],
    ['one takes what another leaves', { web: A }, { web: B, api: A }, ['web: web→web moves', 'api: -→api late']],
    ['one moves to what is removed', { web: A, api: B }, { web: B }, ['web: web→web moves', 'api: api→-']],
  ]
  for (const [name, before, own, expected] of table) {
    it(name, () => assert.deepEqual(routes(before, own), expected))
  }
})

describe('what the plan says of the set', () => {
  const said = (before: Set | null, own: Set) =>
    setChanges({ components: componentsOf(own) }, before && componentsOf(before)).map(
      ({ component, kind, from, to }) => `${component} ${kind} ${from} ${to}`,
    )

  it('is nothing for a first release, and where nothing changes', () => {
    assert.deepEqual(said(null, { web: A }), [])
    assert.deepEqual(said({ web: A }, { web: A }), [])
  })

  it('is each component that changes', () => {
    assert.deepEqual(said({ web: A }, { web: A, api: B, jobs: null }), [`api new null ${B}`, 'jobs new null null'])
    assert.deepEqual(said({ web: A, api: B }, { web: A }), [`api removed ${B} null`])
    assert.deepEqual(said({ web: A, api: B }, { web: A, api: null }), [`api route-goes ${B} null`])
    assert.deepEqual(said({ web: A, api: B }, { web: B, api: A }), [`web moves ${A} ${B}`, `api moves ${B} ${A}`])
    assert.deepEqual(said({ web: A }, { front: A }), [`front takes-over web ${A}`, 'web removed null null'])
  })

  it('is the number of instances', () => {
    const [web] = componentsOf({ web: A })
    assert.deepEqual(setChanges({ components: [{ ...web!, instances: 3 }] }, [web!]), [
      { component: 'web', kind: 'instances', from: '2', to: '3' },
    ])
  })
})
