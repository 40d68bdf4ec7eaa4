import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor } from '../../testing/plans.ts'
import { sourcesOf } from './sources.ts'

function countsOf(listen: string | undefined) {
  const { metrics, components } = planFor()
  const [api] = components
  const router = listen === undefined ? null : { kind: 'embedded', listen }
  return sourcesOf({ metrics, components: [{ ...api!, router }] })[api!.name]?.counts
}

describe('where the counts of a component come from', () => {
  it('is named by the address of its router', () => {
    assert.equal(countsOf('127.0.0.1:8080'), 'router 127.0.0.1:8080')
  })

  it('is named by the component where the router takes any free port: nobody listens on port 0', () => {
    assert.equal(countsOf('127.0.0.1:0'), 'router of api')
    assert.equal(countsOf(undefined), 'router of api')
  })
})
