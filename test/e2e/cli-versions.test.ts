/**
 * A command line and a control plane of two releases: what would begin something is refused, on whichever side first knows it, with
 * both versions and what to do; what shows and what brings users back goes through. Method: the real command line against
 * servers that say another version, or none, as those did that are older than this.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { serveHttp } from '../../src/http/serve.ts'
import type { Api } from '../../src/http/route.ts'
import { type CliWorld, startCli, startCliWorld } from '../../src/testing/cli-process.ts'
import { exampleEnvironment } from '../../src/testing/example-rollout.ts'
import { testApp } from '../../src/testing/http-app.ts'
import { readVersion, VERSION_HEADER } from '../../src/version.ts'
import { onceFollowed } from './support/followed.ts'

const OWN = readVersion()
const DEPLOY = ['deploy', '-e', 'prod', '--artifact', 'artifact.json', '--yes']

for (const { they, version, fix } of [
  { they: 'newer', version: '9.1.0', fix: 'install stellwerk 9.1.0 here; docs/upgrade.md says how' },
  {
    they: 'older',
    version: '0.0.9',
    fix: 'use stellwerk 0.0.9 here until the control plane is upgraded; docs/upgrade.md says how',
  },
])
  describe(`with a control plane that is ${they}`, () => {
    let world: CliWorld
    before(async () => {
      world = await startCliWorld({ version })
      world.fake.environments = [exampleEnvironment()]
      world.fake.put('r-1', {})
    })
    after(() => world.stop())

    it('a release is refused before it is planned, by both versions; what serves is said', async () => {
      const { code, stderr } = await world.cli(DEPLOY)
      assert.equal(code, 2)
      const what = `Error: cannot plan this release: this is stellwerk ${OWN}, the control plane is ${version}\n`
      assert.ok(stderr.startsWith(what), stderr)
      assert.match(stderr, /^Why: .* nothing was begun\. .*\nNow serving: .*v1\.0\.0/m)
      assert.ok(stderr.endsWith(`Fix: ${fix}\n`), stderr)
      assert.deepEqual(world.fake.asked, [])
    })

    it('users are brought back, and what serves is shown', async () => {
      world.fake.onIntent = ({ id }) => {
        world.fake.put(id, { phase: 'rolling-back: traffic-back' })
        onceFollowed(world.fake, () => world.fake.end(id, 'rolled-back', 5, 'person'))
      }
      const back = await world.cli(['rollback', 'r-1', '--reason', 'checkout is slow'])
      assert.equal(back.code, 0, back.stderr)
      assert.equal(world.fake.intents.length, 1)
      const status = await world.cli(['status'], { scopes: ['read'] })
      assert.equal(status.code, 0, status.stderr)
      assert.match(status.stdout, /v1\.0\.0/)
    })

    it('refuses by itself a command line that did not ask first, and no script that says no version', async () => {
      const body = { name: 'ci', person: 'person:ci', roles: [], scopes: ['read'], expiresAt: null }
      const admin = await world.token(['admin'])
      const asked = await world.call('POST /api/v1/tokens', admin, body, { [VERSION_HEADER]: OWN })
      assert.equal(asked.status, 412)
      assert.equal(asked.headers.get(VERSION_HEADER), version)
      const { type, detail } = (await asked.json()) as { type: string; detail: string }
      assert.equal(type, 'urn:stellwerk:problem:other-version')
      assert.match(detail, new RegExp(`is Stellwerk ${version} and was asked by ${OWN}.* Nothing was begun\\.$`))
      assert.equal((await world.call('POST /api/v1/tokens', admin, body)).status, 201)
      assert.equal((await world.call('POST /api/v1/tokens', admin, body, { [VERSION_HEADER]: version })).status, 201)
    })
  })

describe('with a control plane from before versions were compared', () => {
  /** Says its version at `/health` alone, and shows an environment without what a newer screen shows of it. */
  async function old(environment: object) {
    const test = testApp({ version: '0.0.9' })
    test.fake.environments = [environment as never]
    const fetch = async (request: Request) => {
      const answer = await test.app.fetch(request)
      answer.headers.delete(VERSION_HEADER)
      return answer
    }
    const server = await serveHttp({ fetch } as unknown as Api, { port: 0 })
    return { server, env: { STELLWERK_URL: server.url, STELLWERK_TOKEN: await test.token(['deploy']) } }
  }

  it('an answer that cannot be understood is told as that, and not as what should not have happened', async (t) => {
    const { server, env } = await old({ service: 'shop', environment: 'prod' })
    t.after(() => server.close(0))
    const { code, stderr } = await startCli(['status'], { cwd: '/', env }).ended
    assert.equal(code, 1)
    const what = `Error: this is stellwerk ${OWN}, the control plane is 0.0.9: its answer cannot be understood\nWhy: `
    assert.ok(stderr.startsWith(what), stderr)
    assert.match(stderr, /\nFix: use stellwerk 0\.0\.9 here until the control plane is upgraded/)
  })

  it('nothing is begun there either, in German as well', async (t) => {
    const { server, env } = await old(exampleEnvironment())
    t.after(() => server.close(0))
    const args = ['token', 'create', '--name', 'ci', '--person', 'person:ci', '--scope', 'read', '--lang', 'de']
    const { code, stderr } = await startCli(args, { cwd: '/', env }).ended
    assert.equal(code, 2)
    assert.match(stderr, /^Fehler: nicht möglich: .*; dies ist stellwerk .*, die Control Plane ist 0\.0\.9\n/)
    assert.match(stderr, /\nAbhilfe: hier stellwerk 0\.0\.9 verwenden, bis die Control Plane erneuert ist/)
  })
})
