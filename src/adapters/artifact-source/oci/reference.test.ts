import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readChallenge } from './challenge.ts'
import { readReference, referenceText, registryOrigin } from './reference.ts'

const DIGEST = `sha256:${'0a'.repeat(32)}`

test('a reference names registry, repository and digest; a tag beside the digest is left out', () => {
  const image = { registry: 'registry.example:5000', repository: 'team/api', digest: DIGEST }
  assert.deepEqual(readReference(`oci://registry.example:5000/team/api@${DIGEST}`), image)
  assert.deepEqual(readReference(`oci://registry.example:5000/team/api:v1.4.0@${DIGEST}`), image)
  assert.equal(referenceText(image), `oci://registry.example:5000/team/api@${DIGEST}`)
})

test('what is missing is named: the digest, the registry, the form', () => {
  for (const [text, problem] of [
    ['oci://registry.example/team/api:latest', 'tag'],
    ['oci://registry.example/team/api', 'tag'],
    [`oci://registry.example/team/api@sha512:${'0a'.repeat(64)}`, 'digest'],
    ['oci://registry.example/team/api@sha256:0a', 'digest'],
    [`oci://api@${DIGEST}`, 'form'],
    [`oci://team/api@${DIGEST}`, 'form'],
    [`oci:registry.example/api@${DIGEST}`, 'form'],
    [`oci://registry.example/Team/Api@${DIGEST}`, 'form'],
    [`oci://registry.example/../v2/secret@${DIGEST}`, 'form'],
    [`oci://user:password@registry.example/api@${DIGEST}`, 'form'],
    [`oci://registry.example/api?x=1@${DIGEST}`, 'form'],
    ['oci://', 'form'],
  ] as const)
    assert.equal(readReference(text), problem, text)
})

test('TLS, but where nobody is in between; Docker Hub at its own address', () => {
  const origin = (registry: string) => registryOrigin({ registry, repository: 'api', digest: DIGEST })
  assert.deepEqual(
    ['registry.example', 'localhost:5000', '127.0.0.1:5000', '[::1]:5000', 'docker.io', '127.0.0.1.example'].map(
      origin,
    ),
    [
      'https://registry.example',
      'http://localhost:5000',
      'http://127.0.0.1:5000',
      'http://[::1]:5000',
      'https://registry-1.docker.io',
      'https://127.0.0.1.example',
    ],
  )
})

test('a challenge is read in the forms that registries use, bearer before basic', () => {
  const bearer = readChallenge(
    'Basic realm="x", Bearer realm="https://auth.example/token", service="reg, a", scope=pull',
  )
  assert.ok(bearer?.scheme === 'bearer')
  assert.deepEqual([bearer.realm.href, bearer.service, bearer.scope], ['https://auth.example/token', 'reg, a', 'pull'])
  assert.deepEqual(readChallenge('basic realm="x"'), { scheme: 'basic' })
  for (const odd of [null, '', 'Negotiate', 'Bearer realm="file:///etc/passwd"', 'Bearer service="x"'])
    assert.equal(readChallenge(odd), null)
})
