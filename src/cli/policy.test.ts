/** What people are shown before they approve, deploy or set a policy, and what is sent then. */
import type { PolicyChange } from '../core/plan.ts'
import { english, say } from '../core/say.ts'
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type HttpServer, serveHttp } from '../http/serve.ts'
import type { Scope } from '../ports/identity.ts'
import { exampleArtifact, exampleEnvironment } from '../testing/example-rollout.ts'
import { fakeIo, type FakeIoOptions } from '../testing/fake-io.ts'
import { testApp } from '../testing/http-app.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { runCli } from './run.ts'

const IDENTITY = 'ab'.repeat(32)
const PLAN = 'cd'.repeat(32)
const WEAKER: PolicyChange = { dimension: 'gates', direction: 'weaker', text: 'the gate variables is removed' }
const STRONGER: PolicyChange = {
  dimension: 'approvals',
  direction: 'stronger',
  text: 'an approval as owner is asked for',
}

const test = testApp()
let server: HttpServer
let cwd: string

before(async () => {
  server = await serveHttp(test.app, { port: 0 })
  cwd = await temporaryFolder('policy')
  await writeFile(join(cwd, 'stellwerk.yaml'), 'service: shop\n')
  await writeFile(join(cwd, 'artifact.json'), JSON.stringify(exampleArtifact()))
})
after(async () => {
  await server.close(0)
  await rm(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  const approvals = [{ id: 'start/maintainer', role: 'maintainer', by: null, expiresAt: null }]
  const rollout = test.fake.put('r-1', { phase: 'approvals', approvals, requestedBy: 'ci:github' })
  test.fake.environments = [exampleEnvironment({ holder: rollout })]
  test.fake.intents.length = 0
  test.fake.asked.length = 0
  test.fake.held = []
  test.fake.standing = { kind: 'same' }
  delete test.fake.refusals.intend
})

async function run(line: string, scope: Scope, options: FakeIoOptions = {}) {
  const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await test.token([scope]) }
  const io = fakeIo({ cwd, env, ...options })
  const code = await runCli(line.split(' '), io, {})
  return { code, output: io.output(), errors: io.errors() }
}

const TERMINAL = { isTTY: true, size: { columns: 80, rows: 24 } }

describe('approve', () => {
  it('shows who asked, who wrote it, the artifact, the whole plan and the policy, asks, and names what it showed', async () => {
    test.fake.standing = { kind: 'changed', changes: [STRONGER, WEAKER] }
    const { code, errors } = await run('approve r-1', 'approve', { ...TERMINAL, replies: ['y'] })
    assert.equal(code, 0, errors)
    const shown = errors.replaceAll(/\s+/g, ' ')
    for (const text of [
      'To approve: r-1',
      'requested by ci:github',
      'written by person:kim',
      `artifact ${IDENTITY}`,
      'still open start/maintainer',
      `commit ${exampleArtifact().commit}`,
      `plan ${PLAN}`,
      exampleArtifact().components['api']!.digest,
      'Approvals',
      'The way back',
      '! weaker: the gate variables is removed',
      '+ stricter: an approval as owner is asked for',
      'Approve exactly this: v2.0.0 in prod? [y/N]',
    ])
      assert.ok(shown.includes(text), `${text} is not in ${shown}`)
    assert.ok(shown.indexOf('! weaker') < shown.indexOf('+ stricter'))
    const seen = { rollout: 'r-1', identity: IDENTITY, planHash: PLAN }
    assert.deepEqual(test.fake.intents[0]?.intent, { type: 'approve', approval: null, seen })
    const broken = errors.split('\n').filter((each) => each.length > 80 && each.trim().includes(' '))
    assert.deepEqual(
      broken.filter((each) => !/sha256|[0-9a-f]{40}/.test(each)),
      [],
    )
  })

  it('approves nothing without a yes, and nothing where nobody can be asked', async () => {
    for (const replies of [['n'], [''], []]) {
      const { code, errors } = await run('approve r-1', 'approve', { ...TERMINAL, replies })
      assert.equal(code, 1)
      assert.match(errors, /Not approved; the release keeps waiting/)
    }
    const unasked = await run('approve r-1', 'approve')
    assert.equal(unasked.code, 2)
    assert.match(unasked.errors, /To approve: r-1[^]*cannot ask for confirmation[^]*stellwerk approve r-1 --yes/)
    assert.deepEqual(test.fake.intents, [])
    assert.equal((await run('approve r-1 --yes', 'approve')).code, 0)
    assert.equal(test.fake.intents.length, 1)
  })

  it('holds the plan against a hash from elsewhere', async () => {
    for (const hash of [PLAN, PLAN.slice(0, 12), `sha256:${PLAN}`, PLAN.toUpperCase()]) {
      assert.equal((await run(`approve r-1 --yes --plan ${hash}`, 'approve')).code, 0, hash)
    }
    assert.equal(test.fake.intents.length, 4)
    const other = await run(`approve r-1 --yes --plan ${'0'.repeat(12)}`, 'approve')
    assert.equal(other.code, 1)
    assert.match(other.errors, /the plan of r-1 is not 000000000000[^]*nothing was approved/)
    for (const wrong of ['cd', 'v2.0.0', 'cd'.repeat(33)]) {
      assert.equal((await run(`approve r-1 --yes --plan ${wrong}`, 'approve')).code, 2, wrong)
    }
    assert.equal(test.fake.intents.length, 4)
  })

  it('says what differs when it was changed under the fingers', async () => {
    const message = 'what was shown is not what is waiting here: the plan (shown a, waiting b)'
    test.fake.refusals.intend = { ok: false, kind: 'not-allowed', message, problems: [] }
    const { code, errors } = await run('approve r-1 --yes', 'approve')
    assert.equal(code, 9)
    assert.match(errors, /Why: what was shown is not what is waiting here: the plan \(shown a, waiting b\)/)
  })

  it('speaks German', async () => {
    const { errors } = await run('approve r-1 --lang de', 'approve', { ...TERMINAL, replies: ['j'] })
    assert.match(
      errors,
      /Freizugeben: r-1[^]*angefordert von {2}ci:github[^]*Genau das freigeben: v2\.0\.0 in prod\? \[j\/N\]/,
    )
    assert.equal(test.fake.intents.length, 1)
  })

  it('shows the whole plan and what it changes in German; what an earlier version recorded is quoted', async () => {
    const said = say`the gate ${'variables'} is removed`
    const change: PolicyChange = { ...WEAKER, text: english(said), said }
    test.fake.standing = { kind: 'changed', changes: [change, STRONGER] }
    const { errors } = await run('approve r-1 --lang de', 'approve', { ...TERMINAL, replies: ['j'] })
    assert.match(
      errors,
      /! schwächer: das Gate variables entfällt\n {2}\+ strenger: „an approval as owner is asked for“\n/,
    )
    assert.match(errors, /\nSchritte\n {3}1\. {2}Gates prüfen: variables +binnen 5m\n[^]*\nDer Rückweg, ab Schritt\n/)
    assert.doesNotMatch(errors, /\b(within|rolled back|Approvals|Steps|The way back|at most)\b/)
  })
})

describe('deploy', () => {
  const LINE = 'deploy -e prod --artifact artifact.json --detach'

  it('starts the plan that it showed, and no other', async () => {
    const planned = await run('plan -e prod --artifact artifact.json --json', 'read')
    const { planHash } = JSON.parse(planned.output) as { planHash: string }
    assert.equal((await run(`${LINE} --yes`, 'deploy')).code, 130)
    assert.equal(test.fake.asked[0]?.terms.expectedPlanHash, planHash)
    assert.equal(test.fake.asked[0]?.terms.maySetPolicy, false)
  })

  it('shows what it changes of the policy, and that it is the first one', async () => {
    test.fake.standing = { kind: 'changed', changes: [WEAKER] }
    assert.match(
      (await run(`${LINE} --yes`, 'deploy')).errors,
      /changes the policy in force for prod[^]*! weaker: the gate variables/,
    )
    test.fake.standing = { kind: 'first', by: 'requester' }
    assert.match((await run(`${LINE} --yes`, 'admin')).errors, /No policy is in force for prod yet: .* in your name/)
    test.fake.standing = { kind: 'first', by: 'consent' }
    assert.match(
      (await run(`${LINE} --yes`, 'deploy')).errors,
      /No policy is in force for prod yet: with these approvals/,
    )
  })

  it('asks nobody for a yes where it would be refused: 9, and nothing is sent', async () => {
    const said = say`the spec weakens the policy in force for prod`
    test.fake.standing = { kind: 'refused', changes: [WEAKER], why: english(said), said }
    const { code, errors } = await run(LINE, 'deploy', { ...TERMINAL, replies: ['y'] })
    assert.equal(code, 9)
    assert.match(errors, /would be refused[^]*! weaker[^]*Why: the spec weakens the policy in force for prod/)
    assert.ok(!errors.includes('[y/N]'))
    assert.deepEqual(test.fake.asked, [])
  })
})

describe('policy', () => {
  it('set shows the difference, asks, and sets exactly that; show, diff and history tell of it', async () => {
    const none = await run('policy show', 'read')
    assert.match(none.output, /No policy is in force here/)
    const line = 'policy set -e prod --note agreed'
    assert.equal((await run(line, 'policy', { ...TERMINAL, replies: ['n'] })).code, 1)
    assert.deepEqual(test.fake.held, [])
    const first = await run(line, 'policy', { ...TERMINAL, replies: ['y'] })
    assert.equal(first.code, 0, first.errors)
    assert.match(
      first.errors,
      /No policy is in force for shop prod yet[^]*Put this policy into force for prod\? \[y\/N\]/,
    )
    assert.match(first.output, /shop prod {2}policy version 1 \(sha256:propos.*\n {2}set by person:alex at .*: agreed/)
    const narrow = await run('policy show -e prod', 'read', { ...TERMINAL, size: { columns: 40, rows: 12 } })
    for (const line of narrow.output.split('\n')) assert.ok(line.length < 40, line)
    const shown = await run('policy show -e prod', 'read')
    assert.match(shown.output, /Approvals\n {2}maintainer \(start\)[^]*Gates\n {2}variables/)
    const unusual = {
      metrics: { kind: 'prometheus', url: 'http://prometheus:9090' },
      tickMs: 60_000,
      noDataForMs: 900_000,
    }
    const before = await test.fake.policies()
    test.fake.held = before.map((held) => {
      const { policy } = held
      return { ...held, policy: { ...policy, analysis: { ...policy.analysis, ...unusual } } }
    })
    const more = await run('policy show -e prod', 'read')
    assert.match(more.output, /metrics: .*prometheus:9090.*\n {2}rollout\.tick: 1m\n {2}rollout\.noDataFor: 15m/)
    test.fake.held = before
    test.fake.held = (await test.fake.policies()).map((held) => ({ ...held, hash: 'sha256:held', changes: [WEAKER] }))
    test.fake.standing = { kind: 'changed', changes: [WEAKER] }
    assert.match((await run('policy diff -e prod', 'read')).output, /policy version 1[^]*! weaker: the gate variables/)
    const told = await run('policy history -e prod', 'read')
    assert.match(told.output, /VERSION[^]*shop prod 1 .*person:alex[^]*! weaker: the gate variables/)
    const german = await run('policy history -e prod --lang de', 'read')
    assert.match(german.output, /^FASSUNG +WANN +VON +WIE +ROLLOUT +HASH\nshop prod 1 .* person:alex +gesetzt /)
  })

  it('set is for the scope policy, and needs an environment and a note', async () => {
    for (const scope of ['read', 'deploy', 'approve', 'intervene'] as const) {
      const { code, errors } = await run('policy set -e prod --note agreed --yes', scope)
      assert.equal(code, 9, scope)
      assert.match(errors, /needs a token with the scope "policy"/)
    }
    assert.deepEqual(test.fake.held, [])
    assert.equal((await run('policy set --note agreed --yes', 'policy')).code, 2)
    assert.equal((await run('policy set -e prod --yes', 'policy')).code, 2)
  })
})

describe('token create', () => {
  it('names the services and environments for which it counts', async () => {
    const line = 'token create --name ci --person CI:GitHub --scope deploy --for-service shop --for-environment stage'
    const { code, output } = await run(`${line} --for-environment prod --json`, 'admin')
    assert.equal(code, 0)
    const { token } = JSON.parse(output) as { token: object }
    assert.partialDeepStrictEqual(token, { person: 'ci:github', services: ['shop'], environments: ['stage', 'prod'] })
    assert.match((await run('token list', 'admin')).output, /ci:github +deploy +- +shop in stage,prod/)
    const wrong = await run('token create --name ci --person ci:other --scope deploy --for-service Shop', 'admin')
    assert.equal(wrong.code, 2)
    assert.match(wrong.errors, /"Shop" is the name of none/)
  })
})
