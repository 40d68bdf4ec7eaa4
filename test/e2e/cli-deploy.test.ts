import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { instant } from '../../src/core/time.ts'
import type { RolloutView } from '../../src/core/views.ts'
import {
  exampleArtifact,
  exampleEnvironment,
  exampleServing,
  exampleWaiting,
} from '../../src/testing/example-rollout.ts'
import { type CliRun, type CliWorld, startCli, startCliWorld } from '../../src/testing/cli-process.ts'
import { until } from '../../src/testing/until.ts'
import { onceFollowed } from './support/followed.ts'

const DEPLOY = ['deploy', '-e', 'prod', '--artifact', 'artifact.json', '--yes']

let world: CliWorld

before(async () => {
  world = await startCliWorld()
})
after(() => world.stop())
beforeEach(() => {
  world.fake.onRequest = () => {}
  world.fake.onIntent = () => {}
  world.fake.environments = [exampleEnvironment()]
  world.fake.asked.length = 0
  for (const method of Object.keys(world.fake.refusals)) delete world.fake.refusals[method as 'plan']
})

/** Starts a deploy that stays where `facts` put it, and waits until the command follows it. */
async function followed(facts: Partial<RolloutView>, args: readonly string[] = []): Promise<CliRun & { id: string }> {
  let id = ''
  world.fake.onRequest = (rollout) => {
    id = rollout.id
    world.fake.put(id, facts)
    world.fake.append(id, 'RolloutAdmitted', { stable: null, candidateSlot: 'green', quarantined: false })
  }
  const run = await world.start([...DEPLOY, ...args])
  await until('the command follows the rollout', () => run.stderr().includes('nothing is live here yet'))
  return { ...run, id }
}

describe('[R-J02] how deploy ends, by exit code', () => {
  const ends = [
    [0, 'finalized', 'Finalized: users of prod are on v2.0.0.'],
    [1, 'aborted', 'Failed: v2.0.0 did not reach prod; nothing changed for users.'],
    [3, 'aborted', 'Blocked by a gate'],
    [5, 'rolled-back', 'Rolled back: users of prod are on the previous version, not on v2.0.0'],
    [6, 'needs-human', 'Needs a human'],
    [7, 'aborted', 'Another rollout is under way in prod'],
  ] as const

  for (const [code, phase, said] of ends) {
    it(`${code} when it ended ${phase} with that code, and says what serves now`, async () => {
      world.fake.onRequest = ({ id }) => {
        world.fake.put(id, { serving: [exampleServing('v1.0.0', 'v2.0.0', code === 0 ? 100 : 0)] })
        world.fake.end(id, phase, code, code === 0 ? '' : 'the reason')
      }
      const run = await world.cli(DEPLOY)
      assert.equal(run.code, code, run.stderr)
      assert(run.stdout.startsWith(said), run.stdout)
      assert.match(run.stdout, code === 0 ? /Now serving: api v2\.0\.0 100 %\n$/ : /Now serving: api v1\.0\.0 100 %\n$/)
      if (code !== 0) assert.match(run.stdout, /\nthe reason\n/)
    })
  }

  it('2 when the spec is refused, with every problem and what serves', async () => {
    const problems = [{ where: 'stellwerk.yaml:7:11', message: 'hold: expected a duration such as "5m"' }]
    world.fake.refusals.plan = { ok: false, kind: 'invalid', message: 'the spec is invalid', problems }
    const run = await world.cli(DEPLOY)
    assert.equal(run.code, 2)
    assert.equal(
      run.stderr,
      [
        'Error: cannot plan this release',
        'Why: the spec is invalid',
        '  - stellwerk.yaml:7:11: hold: expected a duration such as "5m"',
        'Now serving: shop prod: api v1.0.0 100 %',
        'Fix: stellwerk validate\n',
      ].join('\n'),
    )
    assert.equal(run.stdout, '')
  })

  it('2 without a terminal and without --yes, with the command to use, and starts nothing', async () => {
    const run = await world.cli(['deploy', '-e', 'prod', '--artifact', 'artifact.json', '--flag', 'note=two words'])
    assert.equal(run.code, 2)
    assert.match(run.stderr, /Fix: stellwerk deploy -e prod --artifact artifact\.json --flag 'note=two words' --yes\n/)
    assert.deepEqual(world.fake.asked, [])
  })

  it('4 with --no-wait at an approval, with the command that goes on', async () => {
    const facts = { phase: 'approvals', waiting: exampleWaiting('the approval of maintainer') } as const
    world.fake.onRequest = ({ id }) => world.fake.put(id, facts)
    const run = await world.cli([...DEPLOY, '--no-wait'])
    assert.equal(run.code, 4)
    assert.match(run.stdout, /^Waiting for approval: v2\.0\.0 in prod/)
    assert.match(run.stdout, /to continue: stellwerk approve r-1/)
    assert.match(run.stderr, /waiting for the approval of maintainer, since .* \(\d+s ago\), until .*; then: abort/)
  })

  it('3 with --no-wait at a gate that fails', async () => {
    const verdict = { outcome: 'fail', rule: 'backup', text: 'last backup is 3 days old' } as const
    const full = { ...verdict, expected: '< 24h', actual: '3d', source: 'pgbackrest', observedAt: instant(1) }
    world.fake.onRequest = ({ id }) => world.fake.put(id, { phase: 'gates', verdicts: [full] })
    assert.equal((await world.cli([...DEPLOY, '--no-wait'])).code, 3)
  })

  it('7 with --no-wait behind another rollout', async () => {
    world.fake.onRequest = ({ id }) => world.fake.put(id, { phase: 'queued' })
    assert.equal((await world.cli([...DEPLOY, '--no-wait'])).code, 7)
  })

  it('8 when nobody is there, without guessing what serves', async () => {
    const nobody = { STELLWERK_URL: 'http://127.0.0.1:9', STELLWERK_TOKEN: 'stw_x' }
    const run = await startCli(DEPLOY, { cwd: world.folder, env: nobody }).ended
    assert.equal(run.code, 8)
    assert.match(run.stderr, /Error: control plane unreachable at http:\/\/127\.0\.0\.1:9\n/)
    assert.match(run.stderr, /Now serving: unknown: control plane unreachable\nFix: .*stellwerk up/)
  })

  it('9 when the token may not, is unknown, or is missing', async () => {
    const mayNot = await world.cli(DEPLOY, { scopes: ['read'] })
    assert.equal(mayNot.code, 9)
    assert.match(mayNot.stderr, /Why: This needs a token with the scope "deploy"; yours has read\./)
    assert.match(mayNot.stderr, /Now serving: shop prod: api v1\.0\.0 100 %/)
    const unknown = await world.cli(DEPLOY, { env: { STELLWERK_TOKEN: `stw_${'A'.repeat(43)}` } })
    assert.equal(unknown.code, 9)
    assert.match(unknown.stderr, /Now serving: unknown: not allowed to ask/)
    const missing = await startCli(DEPLOY, { cwd: world.folder, env: { STELLWERK_URL: world.url } }).ended
    assert.equal(missing.code, 9)
    assert.deepEqual(world.fake.asked, [])
  })

  it('124 after --timeout, while the rollout goes on', async () => {
    world.fake.onRequest = ({ id }) => world.fake.put(id, { phase: 'holding' })
    const run = await world.cli([...DEPLOY, '--timeout', '400ms'])
    assert.equal(run.code, 124)
    assert.match(run.stderr, /Stopped watching after 400ms; rollout r-\d+ continues\.\n.*stellwerk watch r-\d+/)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`130 after ${signal}: detaches, says how to come back and how to stop it, and changes nothing`, async () => {
      const run = await followed({ phase: 'holding', candidate: { slot: 'green', weight: 10 } })
      run.child.kill(signal)
      const { code, stderr } = await run.ended
      assert.equal(code, 130)
      assert.match(stderr, new RegExp(`Detached; rollout ${run.id} continues\\.`))
      assert.match(stderr, new RegExp(`follow it again: stellwerk watch ${run.id}`))
      assert.match(stderr, new RegExp(`stop it: +stellwerk rollback ${run.id} --reason`))
      assert.match(stderr, /Now serving: api v1\.0\.0 100 %\n$/)
      assert.deepEqual(world.fake.intents, [])
    })
  }

  it('130 with --detach, at once', async () => {
    world.fake.onRequest = ({ id }) => world.fake.put(id, { phase: 'gates' })
    const run = await world.cli([...DEPLOY, '--detach'])
    assert.equal(run.code, 130)
    assert.match(run.stderr, /stop it: +stellwerk abort r-\d+/)
  })
})

describe('[R-D15] following', () => {
  it('prints with --json exactly the events of the log, and nothing else on stdout', async () => {
    world.fake.onRequest = ({ id }) => {
      world.fake.append(id, 'RolloutAdmitted', { stable: null, candidateSlot: 'green', quarantined: false })
      world.fake.append(id, 'Paused', { by: 'person:sam', reason: 'Grüße — 100 %', deadline: instant(1) })
      world.fake.append('r-other', 'Resumed', { by: 'person:sam' })
      world.fake.append(id, 'Resumed', { by: 'person:sam' })
      onceFollowed(world.fake, () => world.fake.end(id, 'finalized', 0))
    }
    const run = await world.cli([...DEPLOY, '--json'])
    assert.equal(run.code, 0, run.stderr)
    const { stream } = JSON.parse(run.stdout.split('\n')[0]!) as { stream: string }
    const own = world.fake.log.filter((event) => event.stream === stream)
    assert.equal(run.stdout, own.map((event) => `${JSON.stringify(event)}\n`).join(''))
  })

  it('goes on after a restart of the control plane, each event once, and says so', async () => {
    const run = await followed({ phase: 'holding' }, ['--json'])
    await world.restart(async () => {
      await until('the command has noticed', () => run.stderr().includes('lost the control plane'))
      for (let i = 0; i < 150; i += 1) world.fake.append(run.id, 'Resumed', { by: `person:p${i}` })
    })
    await until('the command is back', () => run.stderr().includes('the control plane is back'))
    world.fake.end(run.id, 'finalized', 0)
    const { code, stdout } = await run.ended
    assert.equal(code, 0)
    const versions = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { version: number }).version)
    assert.deepEqual(
      versions,
      Array.from({ length: 152 }, (_, i) => i + 1),
    )
  })

  it('gives up with 8 when it stays away, and says what served when last seen', async () => {
    const run = await followed({ phase: 'holding' }, ['--reconnect-limit', '300ms'])
    await world.restart(() => run.ended)
    const { code, stderr } = await run.ended
    assert.equal(code, 8)
    assert.match(stderr, /Now serving: unknown: control plane unreachable; when last seen: api v1\.0\.0 100 %/)
    assert.match(stderr, new RegExp(`Fix: .*stellwerk watch ${run.id}`))
  })

  it('tells gates, verdicts with their numbers, weights and waits as lines, without colours', async () => {
    const verdict = {
      rule: 'error-rate max 1 %',
      outcome: 'pass',
      expected: 'at most 1 %',
      actual: '0.2 %',
      source: 'router',
      observedAt: instant(Date.now()),
      text: '0.2 % of 812 requests',
    } as const
    let asked = ''
    world.fake.onRequest = ({ id }) => {
      const { fake } = world
      asked = id
      const deadline = instant(Date.now() + 60_000)
      const started = { track: 'forward', index: 5, deadline } as const
      fake.append(id, 'GateChecked', { key: '1', gate: 'variables', verdict: { ...verdict, text: 'all 3 are set' } })
      fake.append(id, 'StepStarted', { ...started, step: { kind: 'hold', weight: 10, holdMs: 300_000 } })
      fake.append(id, 'Judged', { verdicts: [verdict] })
      fake.append(id, 'Judged', { verdicts: [verdict] })
      const weights = { blue: 90, green: 10 }
      const none = { blue: [], green: [] }
      const observed = {
        weights,
        upstreams: none,
        inFlight: { blue: 0, green: 0 },
        maintenance: false,
        generation: 1,
        url: '',
      }
      fake.append(id, 'RouteObserved', { key: '2', component: 'api', observed })
      fake.put(id, { phase: 'holding', waiting: exampleWaiting('the hold of 10 %') })
    }
    const deploy = await world.start(DEPLOY)
    await until('it is said how to continue', () => deploy.stderr().includes('to continue: '))
    world.fake.end(asked, 'finalized', 0)
    const { stderr, code } = await deploy.ended
    assert.equal(code, 0)
    for (const line of [
      'gate variables: pass: all 3 are set',
      '→ hold at 10 % for 5m, under analysis (by',
      '✓ 0.2 % of 812 requests',
      'traffic of api, observed: blue 90 %, green 10 %',
      'waiting for the hold of 10 %, since',
      'to continue: stellwerk approve r-1',
    ]) {
      assert(stderr.includes(line), `${line} in\n${stderr}`)
    }
    assert.equal(stderr.split('0.2 % of 812 requests').length, 2, 'a verdict that did not change is said once')
    assert(!stderr.includes('\u001b'), stderr)
  })

  it('speaks German when the terminal does, and keeps the data as it is', async () => {
    world.fake.onRequest = ({ id }) => world.fake.end(id, 'rolled-back', 5, 'error-rate above 2 %')
    const run = await world.cli(DEPLOY, { env: { LANG: 'de_DE.UTF-8' } })
    assert.equal(run.code, 5)
    assert.match(run.stdout, /^Zurückgerollt: Nutzer von prod/)
    assert.match(run.stdout, /„error-rate above 2 %“\nJetzt bedient: api v1\.0\.0 100 %/)
    const english = await world.cli(DEPLOY, { env: { LANG: 'de_DE.UTF-8' }, scopes: ['deploy'] })
    assert.match(english.stderr, /Gates prüfen/)
  })

  it('hands on environment, artifact and flag values as they were given', async () => {
    world.fake.onRequest = ({ id }) => world.fake.end(id, 'finalized', 0)
    const run = await world.cli([...DEPLOY, '--flag', 'new-checkout=on', '--flag', 'note=a=b c'])
    assert.equal(run.code, 0)
    const { request, by } = world.fake.asked.at(-1)!
    assert.deepEqual(request.flags, { 'new-checkout': 'on', note: 'a=b c' })
    assert.equal(request.environment, 'prod')
    assert.deepEqual(request.artifact, exampleArtifact())
    assert.deepEqual(request.spec, { text: 'service: shop\n', file: 'stellwerk.yaml', folder: world.folder })
    assert.equal(by.id, 'person:alex')
  })

  it('lets watch follow the same rollout from its beginning, to the same exit code', async () => {
    const deploy = await followed({ phase: 'holding' })
    const watch = await world.start(['watch', deploy.id])
    await until('the second command follows too', () => watch.stderr().includes('nothing is live here yet'))
    world.fake.end(deploy.id, 'rolled-back', 5, 'error-rate')
    assert.equal((await watch.ended).code, 5)
    assert.equal((await deploy.ended).code, 5)
  })

  it('lets no text from elsewhere give orders to the terminal', async () => {
    world.fake.onRequest = ({ id }) => {
      world.fake.append(id, 'Paused', { by: 'person:sam', reason: 'a\u001b[2Jb\u0007\u009bc', deadline: instant(1) })
      world.fake.end(id, 'aborted', 1, 'x\u001b]0;title\u0007y')
    }
    const run = await world.cli(DEPLOY)
    assert.match(run.stderr, /person:sam paused it: ab␇\n/)
    assert.match(run.stdout, /\nxy\n/)
    const json = await world.cli([...DEPLOY, '--json'])
    assert.match(json.stdout, /a\\u001b\[2Jb/)
  })

  it('asks again with the same key when the answer to a start is lost', async () => {
    let calls = 0
    world.fake.onRequest = async ({ id }) => {
      calls += 1
      world.fake.end(id, 'finalized', 0)
      await world.restart(async () => {})
    }
    const run = await world.cli(DEPLOY)
    assert.equal(run.code, 0, run.stderr)
    assert.equal(calls, 1)
    assert.equal(new Set(world.fake.asked.map(({ key }) => key)).size, 1)
    assert(world.fake.asked.length > 1)
  })
})
