import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArtifact } from './artifact-file.ts'
import { artifactOf } from './fixture.ts'
import { problemText } from './problem.ts'

function problems(text: string): readonly string[] {
  const read = readArtifact({ text, file: 'artifact.json' })
  return read.ok ? [] : read.problems.map(problemText)
}

test('[R-A04] a pinned artifact is read with its commit, digests and build URL', () => {
  const artifact = artifactOf('api', 'web')
  const read = readArtifact({ text: JSON.stringify(artifact, null, 2), file: 'artifact.json' })
  assert.ok(read.ok)
  assert.deepEqual(read.artifact, artifact)
  assert.equal(read.locate(['components', 'web', 'digest']), 'artifact.json:15:17')
})

test('[R-A04] mutable references are refused with their place', () => {
  const text = JSON.stringify({ ...artifactOf('api'), commit: 'main', buildUrl: 'ci' }, null, 2)
  assert.deepEqual(problems(text), [
    'artifact.json:3:13: commit: "main" is a mutable reference; must be a full commit hash of 40 or 64 hex digits; pin it again with `stellwerk artifact pin`',
    'artifact.json:4:15: buildUrl: "ci" must be the http(s) URL of the build; pin it again with `stellwerk artifact pin`',
  ])
})

test('an artifact file with other keys, missing ones or no JSON is refused', () => {
  const { commit: _, ...rest } = artifactOf('api')
  assert.deepEqual(problems(JSON.stringify({ ...rest, comit: 'x' })), [
    'artifact.json:1:1: commit is missing: expected text',
    'artifact.json:1:217: comit: unknown key "comit"; did you mean `commit`?',
  ])
  assert.match(problems('{').join(), /is not YAML/)
  assert.match(problems('[]').join(), /expected a map, found an empty list/)
})
