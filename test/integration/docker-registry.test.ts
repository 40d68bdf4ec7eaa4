/** Images at a real registry, Debian's `docker-registry`: pinned by the command line, refused where they are not as named. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { digestOf, imageFor, indexOf, type Made } from '../../src/adapters/artifact-source/oci/fixture-registry.ts'
import { runCli } from '../../src/cli/run.ts'
import { seeImage } from '../../src/composition/image.ts'
import { fakeIo } from '../../src/testing/fake-io.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

const isThere = spawnSync('docker-registry', ['--version']).status === 0
const skip = isThere ? false : "needs Debian's docker-registry"

/** bcrypt of "geheim", as htpasswd -B writes it. */
const HTPASSWD = 'alex:$2y$05$abcdefghijklmnopqrstuuVWu8RjbNovPZWAMRdd7iqaaG0mI53Uu'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

type Registry = { readonly host: string; readonly folder: string }

/** `behind`: the one whose images it has, but only for who has logged in. */
async function registry(t: TestContext, behind?: Registry): Promise<Registry> {
  const folder = await temporaryFolder('registry')
  const host = `127.0.0.1:${await freePort()}`
  const store = `storage: { filesystem: { rootdirectory: ${behind?.folder ?? folder}/store } }`
  const log = 'log: { level: error, accesslog: { disabled: true } }'
  await writeFile(join(folder, 'htpasswd'), `${HTPASSWD}\n`)
  const auth = behind === undefined ? '' : `auth: { htpasswd: { realm: r, path: ${folder}/htpasswd } }`
  const lines = ['version: 0.1', log, store, `http: { addr: '${host}' }`, auth, '']
  await writeFile(join(folder, 'registry.yml'), lines.join('\n'))
  const child = spawn('docker-registry', ['serve', join(folder, 'registry.yml')], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  await until('the registry answers', async () => (await fetch(`http://${host}/v2/`).catch(() => null)) !== null)
  return { host, folder }
}

async function put(url: URL | string, body: string, type: string): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body, headers: { 'content-type': type } })
  assert.equal(answer.status, 201, await answer.text())
}

async function pushBlob(host: string, text: string): Promise<void> {
  const begun = await fetch(`http://${host}/v2/team/api/blobs/uploads/`, { method: 'POST' })
  const url = new URL(begun.headers.get('location')!, `http://${host}`)
  url.searchParams.set('digest', digestOf(text))
  await put(url, text, 'application/octet-stream')
}

async function push({ host }: Registry, { config, layer, manifest, digest }: Made): Promise<void> {
  await pushBlob(host, config)
  await pushBlob(host, layer)
  await put(`http://${host}/v2/team/api/manifests/${digest}`, manifest, 'application/vnd.oci.image.manifest.v1+json')
}

async function pin(host: string, given: string, env: Record<string, string> = {}) {
  const cwd = await temporaryFolder('pin')
  const io = fakeIo({ cwd, env: { HOME: cwd, ...env } })
  const build = `artifact pin --version v1 --build-url https://ci.example.org/1 --commit ${'ab'.repeat(20)}`
  const code = await runCli(`${build} --component api=oci://${host}/team/api${given}`.split(' '), io, { seeImage })
  const written = await readFile(join(cwd, '.stellwerk/artifacts/v1.json'), 'utf8').catch(() => null)
  return { code, errors: io.errors(), components: written === null ? null : JSON.parse(written).components }
}

test('[R-A04] an image and an index are pinned by the digest at the registry, a tag is not', { skip }, async (t) => {
  const at = await registry(t)
  const [amd, arm] = [imageFor('amd64'), imageFor('arm64')]
  const index = indexOf({ amd64: amd, arm64: arm })
  await push(at, amd)
  await push(at, arm)
  await put(`http://${at.host}/v2/team/api/manifests/v1`, index, 'application/vnd.oci.image.index.v1+json')

  const one = await pin(at.host, `@${amd.digest} --platform linux/amd64`)
  assert.deepEqual(
    [one.code, one.components],
    [0, { api: { ref: `oci://${at.host}/team/api@${amd.digest}`, digest: amd.digest } }],
  )
  const both = await pin(at.host, `:v1@${digestOf(index)} --platform linux/arm64`)
  assert.equal(both.code, 0)
  assert.equal(both.components.api.digest, digestOf(index), 'the digest stays that of the index')
  assert.match(both.errors, /api: its registry has it, for linux\/amd64, linux\/arm64/)

  const tag = await pin(at.host, ':v1')
  assert.deepEqual([tag.code, tag.components], [2, null])
  assert.match(
    tag.errors,
    /a mutable reference: a tag may be moved[^]*docker buildx imagetools inspect 127\.0\.0\.1:\d+\/team\/api:v1 /,
  )
  const other = await pin(at.host, `@${amd.digest} --platform linux/s390x`)
  assert.deepEqual([other.code, other.components], [2, null])
  assert.match(other.errors, /it is made for linux\/amd64, not for linux\/s390x/)
  const none = await pin(at.host, `@${digestOf('')}`)
  assert.deepEqual([none.code, none.components], [2, null])
  assert.match(none.errors, /has no sha256:e3b0c4\w+ in team\/api/)
})

test('a registry with a login: that of Docker is used, a stranger is told how to log in', { skip }, async (t) => {
  const open = await registry(t)
  const image = imageFor('amd64')
  await push(open, image)
  const at = await registry(t, open)
  const stranger = await pin(at.host, `@${image.digest}`)
  assert.equal(stranger.code, 2)
  assert.match(stranger.errors, /nobody has logged in there: "docker login 127\.0\.0\.1:\d+"/)
  const docker = await temporaryFolder('docker')
  const login = (password: string) =>
    writeFile(join(docker, 'config.json'), JSON.stringify({ auths: { [at.host]: { auth: btoa(`alex:${password}`) } } }))
  await login('falsch')
  assert.match((await pin(at.host, `@${image.digest}`, { DOCKER_CONFIG: docker })).errors, /the login for it is wrong/)
  await login('geheim')
  assert.equal((await pin(at.host, `@${image.digest}`, { DOCKER_CONFIG: docker })).code, 0)
})
