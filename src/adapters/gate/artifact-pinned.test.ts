import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, ok } from '../../ports/result.ts'
import { DIGEST } from '../../spec/fixture.ts'
import { artifactPinned } from './artifact-pinned.ts'
import { contextOf, PLAN } from './fixture.ts'

const OTHER = `sha256:${'c'.repeat(64)}`

test('[R-A04] passes while every reference still has its pinned digest', async () => {
  const seen: string[] = []
  const gate = artifactPinned.create(
    { kind: 'artifact-pinned' },
    { digestTree: async (ref) => ok(seen.push(ref) ? DIGEST : '') },
  )
  const verdict = await gate.check(contextOf())
  assert.equal(verdict.outcome, 'pass')
  assert.deepEqual(seen, ['/builds/api', '/builds/worker'])
  assert.deepEqual([verdict.rule, verdict.observedAt], ['the-gate', 1000])
  assert.equal(verdict.text, 'Artifact v1.4.0 is pinned and unchanged.')
})

test('[R-A04] fails when a file was changed after pinning, and names the component', async () => {
  const digestTree = async (ref: string) => ok(ref === '/builds/api' ? OTHER : DIGEST)
  const verdict = await artifactPinned.create({ kind: 'artifact-pinned' }, { digestTree }).check(contextOf())
  assert.equal(verdict.outcome, 'fail')
  assert.equal(verdict.actual, `api: /builds/api has ${OTHER}, pinned was ${DIGEST}`)
})

test('[R-A04] fails on a mutable reference without looking at files', async () => {
  const plan = { ...PLAN, artifact: { ...PLAN.artifact, commit: 'main' } }
  const gate = artifactPinned.create(
    { kind: 'artifact-pinned' },
    { digestTree: () => Promise.reject(new Error('not asked')) },
  )
  const verdict = await gate.check(contextOf(plan))
  assert.equal(verdict.outcome, 'fail')
  assert.match(verdict.text, /commit is a mutable reference/)
})

test('what cannot be read is no evidence, and a change elsewhere still fails', async () => {
  const gone = failure('permanent', 'no such folder')
  const deps = (worker: typeof gone | ReturnType<typeof ok<string>>, api: string) => ({
    digestTree: async (ref: string) => (ref === '/builds/worker' ? worker : ok(api)),
  })
  const unknown = await artifactPinned.create({ kind: 'artifact-pinned' }, deps(gone, DIGEST)).check(contextOf())
  assert.equal(unknown.outcome, 'no-evidence')
  assert.match(unknown.actual, /worker: \/builds\/worker could not be read \(no such folder\)/)
  const changed = await artifactPinned.create({ kind: 'artifact-pinned' }, deps(gone, OTHER)).check(contextOf())
  assert.equal(changed.outcome, 'fail')
})
