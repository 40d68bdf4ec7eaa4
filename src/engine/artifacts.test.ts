import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Artifact } from '../core/artifact.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Contents } from '../ports/contents.ts'
import { exampleArtifact } from '../testing/example-rollout.ts'
import { memoryStore } from '../testing/memory-store.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { artifactMethods } from './artifacts.ts'

const CI: Actor = { id: 'ci:pipeline', roles: [] }
const DIGEST = `sha256:${'a'.repeat(64)}`
const OTHER = `sha256:${'b'.repeat(64)}`

/** Every content lies in the store, whoever brought it. */
function house() {
  const contents = { isKept: async () => true } as unknown as Contents
  return artifactMethods({ store: memoryStore({ clock: virtualClock() }), contents })
}

function artifactOf(version: string, ref: string, digest = DIGEST): Artifact {
  return { ...exampleArtifact(version), components: { api: { ref, digest } } }
}

async function refused(answer: ReturnType<ReturnType<typeof house>['pin']>, message: RegExp): Promise<void> {
  const found = await answer
  assert.ok(!found.ok, 'must be refused')
  assert.equal(found.kind, 'invalid')
  assert.match(found.message, message)
}

test('content that one service brought makes no version of another one, which knows its digest', async () => {
  const there = house()
  await there.recordContent({ service: 'shop', digest: DIGEST, bytes: 1, files: 1 }, CI)
  const artifact = artifactOf('v1', '/build/dist')
  const why = /content of api \(sha256:a+\) was not handed over to this control plane for other; hand it over first/
  await refused(there.pin({ service: 'other', artifact }, CI), why)
  assert.ok((await there.pin({ service: 'shop', artifact }, CI)).ok)
  await there.recordContent({ service: 'other', digest: DIGEST, bytes: 1, files: 1 }, CI)
  assert.ok((await there.pin({ service: 'other', artifact }, CI)).ok)
})

test('[R-A04] a reference that names another digest than the one beside it is refused', async () => {
  const there = house()
  const image = `registry.example.com/api@${DIGEST}`
  const artifact = artifactOf('v1', image, OTHER)
  await refused(
    there.pin({ service: 'shop', artifact }, CI),
    /components\.api\.ref .*names another digest than sha256:b+/,
  )
  assert.ok((await there.pin({ service: 'shop', artifact: artifactOf('v1', image) }, CI)).ok)
})

test('a version that deploy --artifact would take for a file is refused', async () => {
  const there = house()
  const artifact = artifactOf('v7.json', `registry.example.com/api@${DIGEST}`)
  await refused(there.pin({ service: 'shop', artifact }, CI), /"v7\.json" is no version: .* no \.json at its end/)
})
