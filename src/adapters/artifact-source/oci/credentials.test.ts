import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Credential, credentialFor, type Keyring } from './credentials.ts'

const ENV = { HOME: '/home/alex', XDG_RUNTIME_DIR: '/run/user/1' }
const DOCKER = '/home/alex/.docker/config.json'
const PODMAN = '/run/user/1/containers/auth.json'
const IMAGE = { registry: 'registry.example:5000', repository: 'team/api' }

function auth(user: string): { auth: string } {
  return { auth: Buffer.from(`${user}:a:b`).toString('base64') }
}

function login(user: string): Credential {
  return { user, password: 'a:b' }
}

async function found(files: Readonly<Record<string, unknown>>, more: Partial<Keyring> = {}, image = IMAGE) {
  const readFile = async (path: string) => (path in files ? JSON.stringify(files[path]) : null)
  const credential = await credentialFor({ env: ENV, readFile, helper: async () => null, ...more }, image)
  return credential.ok ? credential.value : credential.message
}

test('nobody has logged in', async () => {
  assert.equal(await found({}), null)
  assert.equal(await found({ [DOCKER]: { auths: { 'other.example': auth('alex') } } }), null)
})

test('a login of Docker or Podman, whose password may hold colons; the nearer file wins', async () => {
  const docker = { [DOCKER]: { auths: { 'registry.example:5000': auth('docker') } } }
  assert.deepEqual(await found(docker), login('docker'))
  const both = { ...docker, [PODMAN]: { auths: { 'registry.example:5000': auth('podman') } } }
  assert.deepEqual(await found(both), login('podman'))
  const named = { ...both, '/ci/auth.json': { auths: { 'registry.example:5000': auth('ci') } } }
  assert.deepEqual(await found(named, { env: { ...ENV, REGISTRY_AUTH_FILE: '/ci/auth.json' } }), login('ci'))
})

test('the login for a part of a registry comes before that for the whole', async () => {
  const auths = { 'registry.example:5000': auth('all'), 'registry.example:5000/team': auth('team') }
  assert.deepEqual(await found({ [PODMAN]: { auths } }), login('team'))
  assert.deepEqual(await found({ [PODMAN]: { auths } }, {}, { ...IMAGE, repository: 'teams/api' }), login('all'))
})

test('Docker Hub is kept under an old address', async () => {
  const auths = { 'https://index.docker.io/v1/': auth('hub') }
  assert.deepEqual(
    await found({ [DOCKER]: { auths } }, {}, { registry: 'docker.io', repository: 'library/x' }),
    login('hub'),
  )
})

test('a helper is asked for what lies in a keyring', async () => {
  const asked: string[] = []
  const helper = async (name: string, host: string) => {
    asked.push(`${name} ${host}`)
    return JSON.stringify({ Username: '<token>', Secret: 'refresh' })
  }
  const files = { [DOCKER]: { credsStore: 'pass', credHelpers: { 'registry.example:5000': 'ecr-login' } } }
  assert.deepEqual(await found(files, { helper }), { identityToken: 'refresh' })
  assert.deepEqual(asked, ['ecr-login registry.example:5000'])
  const evil = { [DOCKER]: { credsStore: '../../tmp/x' } }
  assert.match(String(await found(evil, { helper })), /cannot be read: log in again/)
  assert.equal(asked.length, 1)
})

test('a file that cannot be understood is named, never passed over', async () => {
  assert.match(String(await found({ [DOCKER]: ['no'] })), /config\.json is no configuration of Docker or Podman$/)
  const odd = { [DOCKER]: { auths: { 'registry.example:5000': { auth: 'bm9jb2xvbg==' } } } }
  assert.match(String(await found(odd)), /what .* holds for registry\.example:5000 cannot be read/)
})
