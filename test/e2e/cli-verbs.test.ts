import { alarmed } from '../../src/core/rollout/serving.ts'
import { quote } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { instant } from '../../src/core/time.ts'
import { startCli, type CliWorld, startCliWorld } from '../../src/testing/cli-process.ts'
import {
  exampleEnvironment,
  exampleRollout,
  exampleServing,
  exampleWaiting,
} from '../../src/testing/example-rollout.ts'
import { until } from '../../src/testing/until.ts'
import { onceFollowed } from './support/followed.ts'

let world: CliWorld

before(async () => {
  world = await startCliWorld()
})
after(() => world.stop())
beforeEach(() => {
  world.fake.environments = [exampleEnvironment({ holder: world.fake.put('r-1', { phase: 'holding' }) })]
  world.fake.intents.length = 0
  world.fake.onIntent = () => {}
})

/** As the fake says it of every rollout. */
const SEEN = { rollout: 'r-1', identity: 'ab'.repeat(32), planHash: 'cd'.repeat(32) }

describe('[R-D13] what a person can do at any moment', () => {
  const desired = [
    [['approve', 'r-1', '--approval', 'maintainer'], { type: 'approve', approval: 'maintainer', seen: SEEN }],
    [['approve', '--plan', 'cdcdcdcdcdcd'], { type: 'approve', approval: null, seen: SEEN }],
    [['reject', '--reason', 'not today'], { type: 'reject', reason: 'not today' }],
    [['pause', 'r-1', '--reason', 'wait'], { type: 'pause', reason: 'wait' }],
    [['resume'], { type: 'resume' }],
    [['promote'], { type: 'promote' }],
    [['resolve', '--note', 'router fixed'], { type: 'resolve', note: 'router fixed' }],
  ] as const

  for (const [args, intent] of desired) {
    it(`${args.join(' ')}`, async () => {
      const run = await world.cli(args, { scopes: ['deploy', 'approve'] })
      assert.equal(run.code, 0, run.stderr)
      assert.deepEqual(world.fake.intents[0]!.intent, intent)
      assert.match(run.stdout, /^r-1 {2}shop prod {2}v2\.0\.0 {2}holding\n/)
      assert.match(run.stdout, /Now serving: api v1\.0\.0 100 %\n$/)
    })
  }

  it('rolls back, follows it, and answers 0 when users are back', async () => {
    world.fake.onIntent = ({ id }) => {
      world.fake.put(id, { phase: 'rolling-back: traffic-back' })
      onceFollowed(world.fake, () => world.fake.end(id, 'rolled-back', 5, 'person'))
    }
    const run = await world.cli(['rollback', '--reason', 'checkout is slow', '--cause', 'incident'])
    assert.equal(run.code, 0, run.stderr)
    const intent = { type: 'roll-back', reason: 'checkout is slow', cause: 'incident' }
    assert.deepEqual(world.fake.intents[0]!.intent, intent)
    assert.match(run.stderr, /rolled back, traffic was back after 420ms/)
  })

  it('tells only what is new since the order, in the middle of an incident', async () => {
    for (let index = 0; index < 28; index += 1) {
      world.fake.append('r-1', 'Paused', { by: 'person:sam', reason: `old news ${index}`, deadline: instant(1) })
    }
    const last = world.fake.log.at(-1)!.at
    await until('a moment has passed', () => Date.now() > last + 1)
    world.fake.onIntent = ({ id }) => {
      world.fake.put(id, { phase: 'rolling-back: traffic-back', exitCode: null, final: false })
      world.fake.append(id, 'RollbackTriggered', {
        mode: 'rollback',
        cause: 'person',
        by: 'person:kim',
        text: 'checkout is slow',
        verdict: null,
        steps: [],
      })
      onceFollowed(world.fake, () => world.fake.end(id, 'rolled-back', 5, 'person'))
    }
    const run = await world.cli(['rollback', '--reason', 'checkout is slow'])
    assert.equal(run.code, 0, run.stderr)
    assert(!run.stderr.includes('old news'), run.stderr)
    assert.match(run.stderr, /ROLLBACK \(person\): checkout is slow\n[^]*rolled back, traffic was back/)
    const watched = await world.cli(['watch', 'r-1'])
    assert.match(watched.stderr, /old news 0\n/, 'who watches is told everything')
  })

  it('a shell is offered the rollouts that there are', async () => {
    const { code, stdout } = await world.cli(['completion', 'rollouts'], { scopes: ['read'] })
    assert.deepEqual([code, stdout.split('\n')[0]], [0, 'r-1'])
  })

  it('aborts with 6 when the way back needs a human', async () => {
    world.fake.onIntent = ({ id }) => world.fake.end(id, 'needs-human', 6, 'the router does not answer')
    const run = await world.cli(['abort', 'r-1', '--reason', 'x'])
    assert.equal(run.code, 6)
    world.fake.put('r-1', { exitCode: null, final: false })
  })

  it('shows a refusal of the core with what serves', async () => {
    const message = 'person:alex asked for this release and may not approve it'
    world.fake.refusals.intend = { ok: false, kind: 'not-allowed', message, problems: [] }
    const run = await world.cli(['approve'], { scopes: ['approve'] })
    delete world.fake.refusals.intend
    assert.equal(run.code, 9)
    assert.match(run.stderr, /Error: cannot approve r-1\nWhy: person:alex asked .*\nNow serving: shop prod: api/)
  })

  it('asks which rollout is meant when there are two', async () => {
    const other = exampleRollout('r-2', { environment: 'stage' })
    world.fake.environments = [...world.fake.environments, exampleEnvironment({ environment: 'stage', holder: other })]
    const run = await world.cli(['promote'])
    assert.equal(run.code, 2)
    assert.match(run.stderr, /Why: r-1 \(shop prod\), r-2 \(shop stage\)/)
    world.fake.put('r-2', { environment: 'stage' })
    assert.equal((await world.cli(['-e', 'stage', 'promote'])).code, 0)
    assert.equal(world.fake.intents.at(-1)!.rollout, 'r-2')
  })
})

describe('[R-J02] looking', () => {
  it('status: observed beside desired, alarms, and what is under way', async () => {
    const serving = exampleServing('v1.0.0', 'v2.0.0', 10)
    const slots = serving.slots.map((slot) => ({ ...slot, desiredWeight: 50 }))
    const holder = exampleRollout('r-1', { phase: 'shifting', waiting: exampleWaiting('the router') })
    const facts = {
      serving: [alarmed({ ...serving, slots }, [quote('the route differs from what was desired')])],
      holder,
      queue: ['r-9'],
    }
    world.fake.environments = [exampleEnvironment(facts)]
    const { stdout, code } = await world.cli(['status'])
    assert.equal(code, 0)
    const [head, row, ...notes] = stdout.trimEnd().split('\n')
    assert.match(head!, /^SERVICE +ENVIRONMENT +COMPONENT +SERVING NOW +DESIRED$/)
    assert.match(row!, /^shop +prod +api +v1\.0\.0 90 %, v2\.0\.0 10 % +v1\.0\.0 50 %, v2\.0\.0 50 %$/)
    assert.deepEqual(notes.slice(0, 2), [
      '  alarm api: the route differs from what was desired',
      '  r-1 v2.0.0: shifting traffic',
    ])
    assert.match(notes[2]!, /waiting for the router, since .*; then: abort$/)
    assert.equal(notes[4], '  queued: r-9')
    const json = await world.cli(['status', '--json'])
    assert.deepEqual(JSON.parse(json.stdout), world.fake.environments[0])
  })

  it('[R-F08] status: why a rollout goes back, and what its rules say, with the numbers', async () => {
    const reason =
      'api: error rate of the candidate was 7.1 % (30 of 420 requests), above 2 %; live had 0.2 % (8 of 3 702)'
    const said = { rule: 'p95 (api)', expected: '-', actual: '-', source: 'router', observedAt: instant(1) }
    const verdicts = [
      { ...said, outcome: 'inconclusive', text: 'api: 12 requests are too few to judge, 200 are needed' },
      { ...said, outcome: 'pass', text: 'api: fine' },
    ] as const
    const holder = exampleRollout('r-1', { phase: 'rolling-back: traffic-back', reason, verdicts })
    world.fake.environments = [exampleEnvironment({ holder, queue: [] })]
    const { stdout } = await world.cli(['status'])
    assert(stdout.includes(`  why: ${reason}\n`), stdout)
    assert.match(stdout, /\? .*: api: 12 requests are too few to judge, 200 are needed/)
    assert(!stdout.includes('api: fine'), 'what is good needs nobody')
  })

  it('list, logs, audit show', async () => {
    const listed = await world.cli(['list', '--service', 'shop', '-e', 'prod'])
    assert.match(listed.stdout, /^ROLLOUT +SERVICE .*\nr-1 +shop +prod +v2\.0\.0 +holding/)
    const of = { component: 'api', release: 'r-1', version: 'v2', slot: 'green', instance: 'instance-0' } as const
    world.fake.logLines = [{ at: 0, ...of, stream: 'err', text: 'listening on 4711' }]
    assert.equal(
      (await world.cli(['logs', 'r-1'])).stdout,
      '1970-01-01 00:00:00Z  api v2 green/instance-0 err  listening on 4711\n',
    )
    const followed = await world.start(['logs', 'r-1', '-f'])
    await until('the first line is shown', () => followed.stdout().includes('listening on 4711'))
    world.fake.logLines = [...world.fake.logLines, { at: Date.now(), ...of, stream: 'out', text: 'one more' }]
    await until('the next line is shown', () => followed.stdout().endsWith(' out  one more\n'))
    followed.child.kill('SIGINT')
    await followed.ended
    assert.equal((await world.cli(['logs', 'r-1', '-f', '--timeout', '1s'])).code, 124)
    world.fake.append('r-1', 'Approved', {
      approval: 'a',
      role: 'maintainer',
      by: 'person:sam',
      planHash: '',
      identity: '',
      expiresAt: instant(1),
    })
    const shown = await world.cli(['audit', 'show', 'r-1'])
    assert.match(shown.stdout, /\d+ +[\d:]+Z +system +Approved +person:sam approved as maintainer\n$/)
  })

  it('audit verify: 0 when intact, 1 with every deviation when not; audit export is whole', async () => {
    const intact = await world.cli(['audit', 'verify'])
    assert.equal(intact.code, 0)
    assert.match(intact.stdout, /^intact: 0 events/)
    world.fake.auditReport = {
      ...world.fake.auditReport,
      ok: false,
      verdict: 'not-intact',
      problems: [{ position: 7, message: 'leaf differs' }],
    }
    const broken = await world.cli(['audit', 'verify'])
    assert.equal(broken.code, 1)
    assert.match(broken.stdout, /NOT INTACT.*\n {2}position 7: leaf differs/)
    assert.equal((await world.cli(['audit', 'export', '--out', 'export.ndjson'])).code, 0)
    const lines = (await readFile(join(world.folder, 'export.ndjson'), 'utf8')).trimEnd().split('\n')
    assert.equal(lines.length, world.fake.log.length)
  })

  it('an export that breaks off leaves no file and does not answer 0', async () => {
    const whole = world.fake.exportAudit
    world.fake.exportAudit = async function* broken() {
      yield 'one line'
      throw new Error('database gone')
    }
    const run = await world.cli(['audit', 'export', '--out', 'broken.ndjson'])
    world.fake.exportAudit = whole
    assert.equal(run.code, 8, run.stderr)
    assert.match(run.stderr, /the export is incomplete/)
    await assert.rejects(readFile(join(world.folder, 'broken.ndjson')), { code: 'ENOENT' })
  })

  it('token create gives the secret alone on stdout; list and revoke', async () => {
    const create = ['token', 'create', '--name', 'ci', '--person', 'ci:github', '--scope', 'read']
    const made = await world.cli(create, { scopes: ['admin'] })
    assert.match(made.stdout, /^stw_[\w-]{43}\n$/)
    const secret = made.stdout.trim()
    const usedBy = await world.cli(['list'], { env: { STELLWERK_TOKEN: secret } })
    assert.equal(usedBy.code, 0)
    const listed = await world.cli(['token', 'list', '--json'], { scopes: ['admin'] })
    const tokens = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; person: string })
    const { id } = tokens.find(({ person }) => person === 'ci:github')!
    assert.equal((await world.cli(['token', 'revoke', id], { scopes: ['admin'] })).code, 0)
    assert.equal((await world.cli(['list'], { env: { STELLWERK_TOKEN: secret } })).code, 9)
  })
})

describe('finding the control plane', () => {
  it('uses the one that "up" started in the data folder, with its local token', async () => {
    await mkdir(join(world.folder, '.stellwerk'), { recursive: true })
    await writeFile(join(world.folder, '.stellwerk/control-plane.json'), JSON.stringify({ url: world.url, pid: 1 }))
    await writeFile(join(world.folder, '.stellwerk/local-token'), `${await world.token(['admin'])}\n`)
    assert.equal((await startCli(['status'], { cwd: world.folder }).ended).code, 0)
    assert.equal((await startCli(['status', '--server', world.url], { cwd: world.folder }).ended).code, 0)
    const elsewhere = { cwd: '/', env: { STELLWERK_DATA: join(world.folder, '.stellwerk') } }
    assert.equal((await startCli(['status'], elsewhere).ended).code, 0)
  })

  it('never gives the local token to a server that somebody named', async () => {
    const seen: (string | undefined)[] = []
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('{}')
    })
    await new Promise<void>((resolve) => {
      stranger.listen(0, '127.0.0.1', resolve)
    })
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    const run = await startCli(['status', '--server', url], { cwd: world.folder }).ended
    stranger.close()
    assert.equal(run.code, 9)
    assert.deepEqual(seen, [])
  })

  it('8 when what answers is not a control plane, and when none is found', async () => {
    const stranger = createServer((_, response) => response.writeHead(404).end('<h1>nginx</h1>'))
    await new Promise<void>((resolve) => {
      stranger.listen(0, '127.0.0.1', resolve)
    })
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    const run = await world.cli(['status', '--server', url])
    stranger.close()
    assert.equal(run.code, 8)
    assert.match(run.stderr, /what answers at .* is not a control plane/)
    const none = await startCli(['status'], { cwd: '/' }).ended
    assert.equal(none.code, 8)
    assert.match(none.stderr, /Fix: stellwerk up/)
  })
})

describe('the command line itself', () => {
  it('2 for what it does not know, with a hint', async () => {
    const wrong = await world.cli(['depoly'])
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, /Error: unknown command 'depoly'\nWhy: Did you mean deploy\?/)
    assert.equal((await world.cli(['status', '--jsno'])).code, 2)
    assert.equal((await world.cli(['status', '--timeout', 'soon'])).code, 2)
    assert.equal((await world.cli(['status', '--lang', 'fr'])).code, 2)
    assert.equal((await world.cli([])).code, 2)
  })

  it('0 for --help of every verb and for --version', async () => {
    assert.equal((await world.cli(['--help'])).code, 0)
    assert.match((await world.cli(['rollback', '--help'])).stdout, /--reason <text>/)
    assert.match((await world.cli(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  })

  it('2 for an environment or a service that neither the control plane nor the spec knows, with what was meant', async () => {
    world.fake.environments = [exampleEnvironment()]
    for (const verb of [
      'status',
      'list',
      'pause --reason x',
      'logs',
      'incident list',
      'notify list',
      'policy show',
      'policy history',
    ]) {
      const run = await world.cli([...verb.split(' '), '-e', 'prdo'])
      assert.equal(run.code, 2, verb)
      assert.match(
        run.stderr,
        /there is no environment "prdo"\nWhy: known are prod\n[^]*Fix: did you mean -e prod\?\n/,
        verb,
      )
    }
    const service = await world.cli(['status', '--service', 'shpo'])
    assert.match(service.stderr, /there is no service "shpo"[^]*did you mean --service shop\?/)
    assert.equal((await world.cli(['status', '-e', 'prod'])).code, 0)
  })

  it('takes global options before the verb and after it; after wins', async () => {
    const before = await world.cli(['--json', '-e', 'nowhere', 'status'])
    assert.equal(before.code, 2, 'it was taken: nobody knows such an environment')
    const after = await world.cli(['-e', 'nowhere', 'status', '-e', 'prod', '--json'])
    assert.equal((JSON.parse(after.stdout) as { environment: string }).environment, 'prod')
  })
})
