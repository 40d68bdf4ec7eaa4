/**
 * Goal: a CI job gets in without a stored secret, with exactly what the policies in force grant its repository, and nobody else
 * does. Method: a forge that signs with real keys and lies when told to, the API over HTTP, the command line in a job's variables.
 */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { SignJWT, UnsecuredJWT } from 'jose'
import { EXIT } from '../../src/errors.ts'
import { runCli } from '../../src/cli/run.ts'
import { fakeIo } from '../../src/testing/fake-io.ts'
import { controlPlane, forge, grant, type Mood, NOW } from './ci-login-world.ts'

async function world(t: TestContext, changes: Parameters<typeof grant>[1] = {}) {
  const github = await forge(t)
  const stellwerk = await controlPlane(t, { dev: [grant(github.issuer, changes)], prod: [] })
  return { github, ...stellwerk }
}

describe('a job of a repository that a policy names', () => {
  it('gets a token that deploys to the environments that let it in, and is gone within the hour', async (t) => {
    const { github, ask, tokens, clock } = await world(t)
    const { status, secret, token } = await ask(await github.sign())
    assert.equal(status, 201)
    assert.deepEqual(
      { ...token, id: '', name: '' },
      {
        ...token,
        id: '',
        name: '',
        person: github.account('583231'),
        scopes: ['deploy'],
        services: ['shop'],
        environments: ['dev'],
        roles: [],
      },
    )
    assert.equal(token?.expiresAt, NOW + 15 * 60_000)
    const identity = await tokens.authenticate(secret)
    assert.equal(identity?.actor.id, github.account('583231'))
    clock.at += 15 * 60_000
    assert.equal(await tokens.authenticate(secret), null)
  })

  it('as long as the forge lets its own token live, at most for an hour', async (t) => {
    const { github, ask } = await world(t)
    const until = async (seconds: number) =>
      (await ask(await github.sign({ exp: NOW / 1000 + seconds }))).token?.expiresAt
    assert.equal(await until(1800), NOW + 1_800_000)
    assert.equal(await until(7200), NOW + 3_600_000)
  })

  it('is the person whose account started it, who then cannot approve what it asks for', async (t) => {
    const github = await forge(t)
    const accounts = { [github.account('583231')]: 'person:kim' }
    const { ask } = await controlPlane(t, { dev: [grant(github.issuer)] }, { dev: accounts })
    assert.equal((await ask(await github.sign())).token?.person, 'person:kim')
  })

  it('[R-C03] whose account is nobody’s is not let in where somebody is asked for consent', async (t) => {
    const github = await forge(t)
    const { ask } = await controlPlane(t, { prod: [grant(github.issuer)] }, {}, ['maintainer'])
    assert.match((await ask(await github.sign())).why, /Nobody knows whose account ci:github-.*-583231 is/)
  })

  it('is one person for all environments that it is let in to', async (t) => {
    const github = await forge(t)
    const mine = { [github.account('583231')]: 'person:kim' }
    const { ask } = await controlPlane(t, { dev: [grant(github.issuer)], prod: [grant(github.issuer)] }, { prod: mine })
    assert.match((await ask(await github.sign())).why, /name different people for ci:github-.*say which environment/)
    assert.equal((await ask(await github.sign(), { environment: 'prod' })).token?.person, 'person:kim')
  })

  it('stays let in when the repository is renamed, in both forms of its subject', async (t) => {
    const { github, ask } = await world(t, { workflow: '.github/workflows/deploy.yml' })
    const renamed = {
      repository: 'new/name',
      job_workflow_ref: 'new/name/.github/workflows/deploy.yml@refs/heads/main',
      sub: 'repo:new@45/name@123:ref:refs/heads/main',
    }
    assert.equal((await ask(await github.sign(renamed))).status, 201)
    assert.equal((await ask(await github.sign({ ...renamed, sub: 'repo:old/shop:ref:refs/heads/main' }))).status, 201)
  })

  it('is let in by keys that are new since, and by known ones while the forge is away', async (t) => {
    const { github, ask, clock } = await world(t)
    assert.equal((await ask(await github.sign())).status, 201)
    assert.equal((await ask(await github.sign())).status, 201)
    assert.equal(github.state.asked, 1, 'keys are kept')
    await github.rotate()
    assert.equal(
      (await ask(await github.sign())).status,
      403,
      'not read again at once: a stranger cannot have us ask all day',
    )
    clock.at += 30_000
    assert.equal((await ask(await github.sign())).status, 201)
    assert.equal(github.state.asked, 2)
    github.state.mood = 'down'
    clock.at += 200_000
    assert.equal((await ask(await github.sign())).status, 201)
    clock.at += 25 * 3_600_000
    const times = { iat: clock.at / 1000, nbf: clock.at / 1000, exp: clock.at / 1000 + 300 }
    assert.equal((await ask(await github.sign(times))).status, 503, 'a key that was withdrawn does not count for ever')
  })

  it('of GitLab, by the numbers of its project and namespace', async (t) => {
    const gitlab = await forge(t)
    const events = { refs: ['refs/tags/v*'], events: ['push'], workflow: '.gitlab-ci.yml' }
    const { ask } = await controlPlane(t, { dev: [grant(gitlab.issuer, { forge: 'gitlab', ...events })] })
    const host = new URL(gitlab.issuer).host
    const claims = {
      sub: 'project_path:octo/shop:ref_type:tag:ref:v1.2.3',
      project_id: '123',
      namespace_id: 45,
      project_path: 'octo/shop',
      ref: 'v1.2.3',
      ref_type: 'tag',
      pipeline_source: 'push',
      ci_config_ref_uri: `${host}/octo/shop//.gitlab-ci.yml@refs/tags/v1.2.3`,
      user_id: '7',
      pipeline_id: '9',
    }
    assert.equal((await ask(await gitlab.sign(claims))).token?.person, gitlab.account('7', 'gitlab'))
    assert.match((await ask(await gitlab.sign({ ...claims, ref_type: 'branch' }))).why, /ref refs\/heads\/v1\.2\.3/)
    assert.match((await ask(await gitlab.sign({ ...claims, project_id: '124' }))).why, /repository 124/)
  })
})

describe('a job is not let in', () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['of another repository of the same name', { repository_id: '999' }, /its repository 999 is none that "ci" names/],
    ['of another owner', { repository_owner_id: '46' }, /its owner 46 is none/],
    ['on another branch', { ref: 'refs/heads/main2' }, /its ref refs\/heads\/main2 is none/],
    ['on a tag with a path below the pattern', { ref: 'refs/tags/v1/x' }, /its ref refs\/tags\/v1\/x is none/],
    ['of a pull request', { event_name: 'pull_request_target' }, /its event pull_request_target is none/],
    ['whose token has expired', { exp: NOW / 1000 - 31 }, /it has expired/],
    ['whose token is not valid yet', { nbf: NOW / 1000 + 31 }, /not valid yet: do the clocks agree/],
    ['whose token is of tomorrow', { iat: NOW / 1000 + 86_400, exp: NOW / 1000 + 90_000 }, /not valid yet/],
    ['whose token is for somebody else', { aud: 'sts.amazonaws.com' }, /not for "stellwerk"/],
    ['whose token has no name of its own', { jti: undefined }, /"jti" is missing/],
    ['whose token never ends', { exp: undefined }, /"exp" is missing/],
    ['whose token says no repository', { repository_id: undefined }, /lacks what a token of github says/],
    ['whose subject names other ids', { sub: 'repo:octo@45/shop@124:x' }, /subject names another repository/],
    ['of an issuer that nobody named', { iss: 'https://evil.example.com' }, /nothing here lets in jobs of/],
  ]
  for (const [name, claims, wanted] of cases) {
    it(name, async (t) => {
      const { github, ask } = await world(t)
      const { status, why } = await ask(await github.sign(claims))
      assert.equal(status, 403)
      assert.match(why, wanted)
    })
  }

  it('by another workflow than the one named, nor by one of another repository', async (t) => {
    const { github, ask } = await world(t, { workflow: '.github/workflows/deploy.yml' })
    for (const job_workflow_ref of ['octo/shop/.github/workflows/x.yml@r', 'eve/x/.github/workflows/deploy.yml@r']) {
      assert.match((await ask(await github.sign({ job_workflow_ref }))).why, /its workflow .* is none/)
    }
  })

  it('outside the environment of the forge that is named', async (t) => {
    const { github, ask } = await world(t, { environment: 'production' })
    assert.match((await ask(await github.sign())).why, /its environment - is none/)
    assert.equal((await ask(await github.sign({ environment: 'production' }))).status, 201)
  })

  it('to an environment or service that grants nothing', async (t) => {
    const { github, ask } = await world(t)
    assert.match(
      (await ask(await github.sign(), { environment: 'prod' })).why,
      /in force for shop in prod lets this job in/,
    )
    assert.match((await ask(await github.sign(), { service: 'blog' })).why, /nothing here lets in jobs of/)
  })

  it('twice with one token', async (t) => {
    const { github, ask } = await world(t)
    const token = await github.sign()
    assert.equal((await ask(token)).status, 201)
    const again = await ask(token)
    assert.equal(again.status, 403)
    assert.match(again.why, /was used before; each lets in once/)
    const many = await github.sign()
    const both = await Promise.all([ask(many), ask(many)])
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 403], 'at the same moment neither')
  })

  it('by a signature that anybody could make, or that was changed', async (t) => {
    const { github, ask } = await world(t)
    const publicKey = new TextEncoder().encode(await github.publicKey())
    const forged = await new SignJWT(github.claims()).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(publicKey)
    const [head, , signature] = (await github.sign()).split('.')
    const other = Buffer.from(JSON.stringify(github.claims({ repository_id: '123' }))).toString('base64url')
    for (const [token, wanted] of [
      [new UnsecuredJWT(github.claims()).encode(), /not signed with a public key|signature is wrong/],
      [forged, /not signed with a public key/],
      [`${head}.${other}.${signature}`, /signature is wrong/],
      [await github.sign({}, { kid: 'three' }), /signed by a key that its issuer does not have/],
      ['x', /no token of a CI job/],
      ['a.b.c', /no token of a CI job/],
    ] as const) {
      const { status, why } = await ask(token)
      assert.equal(status, 403, token)
      assert.match(why, wanted)
    }
  })

  const moods: readonly Mood[] = ['down', 'html', 'huge', 'elsewhere', 'other issuer', 'redirects']
  for (const mood of moods) {
    it(`while the forge's keys cannot be read: ${mood}`, async (t) => {
      const { github, ask, clock } = await world(t)
      github.state.mood = mood
      const { status, why } = await ask(await github.sign())
      assert.equal(status, 503)
      assert.match(why, /The forge's keys cannot be read: /)
      github.state.mood = 'well'
      clock.at += 2000
      assert.equal((await ask(await github.sign())).status, 201, 'and is, once they can')
    })
  }

  it('and too many attempts of an address are answered with 429; the log says why each failed', async (t) => {
    const { ask, logged } = await world(t)
    const statuses: number[] = []
    for (let index = 0; index < 12; index++) statuses.push((await ask('x')).status)
    assert.equal(statuses[0], 403)
    assert.equal(statuses.at(-1), 429)
    assert.ok(logged.some(({ message }) => message === 'a CI job was not let in'))
  })

  it('with more than such a request needs', async (t) => {
    const { ask, url } = await world(t)
    assert.equal((await ask('x'.repeat(20_000))).status, 400)
    const huge = await fetch(`${url}/api/v1/login/ci`, { method: 'POST', body: 'x'.repeat(2_000_000) })
    assert.ok(huge.status === 413 || huge.status === 415, String(huge.status))
  })
})

describe('the command line in a job', () => {
  const job = async (t: TestContext, env: Readonly<Record<string, string>>, args: readonly string[]) => {
    const io = fakeIo({ env })
    t.mock.method(io, 'now', () => NOW)
    const code = await runCli(args, io, {})
    return { code, output: io.output(), errors: io.errors() }
  }

  it('logs in by itself and prints a token where it is asked for one', async (t) => {
    const { github, url, tokens } = await world(t)
    const env = { STELLWERK_URL: url, STELLWERK_ID_TOKEN: await github.sign() }
    const { code, output, errors } = await job(t, env, ['login', '--service', 'shop'])
    assert.equal(code, 0, errors)
    assert.notEqual(await tokens.authenticate(output.trim()), null)
    const listed = await job(t, { ...env, STELLWERK_ID_TOKEN: await github.sign() }, ['list', '--service', 'shop'])
    assert.equal(listed.code, 0, listed.errors)
  })

  it('says what to write into the workflow where the forge gives no token', async (t) => {
    const { url } = await world(t)
    const github = await job(t, { STELLWERK_URL: url, GITHUB_ACTIONS: 'true' }, ['list', '--service', 'shop'])
    assert.equal(github.code, EXIT.notAllowed.code)
    assert.match(github.errors, /permissions: \{ id-token: write, contents: read \}/)
    const gitlab = await job(t, { STELLWERK_URL: url, GITLAB_CI: 'true' }, ['list', '--service', 'shop'])
    assert.match(gitlab.errors, /id_tokens: \{ STELLWERK_ID_TOKEN: \{ aud: stellwerk \} \}/)
    assert.match((await job(t, { STELLWERK_URL: url }, ['login'])).errors, /this is no CI job/)
  })

  it('is told by the control plane why it is not let in: 9; and 8 where that does not answer', async (t) => {
    const { github, url } = await world(t)
    const env = { STELLWERK_URL: url, STELLWERK_ID_TOKEN: await github.sign({ ref: 'refs/heads/x' }) }
    const refused = await job(t, env, ['list', '--service', 'shop'])
    assert.equal(refused.code, EXIT.notAllowed.code)
    assert.match(refused.errors, /its ref refs\/heads\/x is none that "ci" names/)
    const away = await job(t, { ...env, STELLWERK_URL: 'http://127.0.0.1:9' }, ['list', '--service', 'shop'])
    assert.equal(away.code, EXIT.unreachable.code)
    const unnamed = await job(t, env, ['list'])
    assert.match(unnamed.errors, /--service NAME, or STELLWERK_SERVICE/)
  })
})
