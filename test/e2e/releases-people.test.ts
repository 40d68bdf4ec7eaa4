/**
 * What people do to releases, through the real command line: stop them, speed them up, take them back, agree to them, walk
 * away from them; and what happens when the control plane itself goes away and comes back.
 */
import assert from 'node:assert/strict'
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import type { Artifact } from '../../src/core/artifact.ts'
import type { Phase } from '../../src/core/views.ts'
import { until } from '../../src/testing/until.ts'
import { deployArgs, type Ended, type House, lastLine, pin, startHouse } from './support/house.ts'
import { answerLies, weightLies } from './support/lies.ts'
import { instancesOf, runningVersions } from './support/processes.ts'
import { environment, specText } from './support/spec.ts'
import { startWitness, type Witness } from './support/witness.ts'

/** A suite of releases that follow each other, on a machine that does other things as well. */
const LIMIT_MS = 500_000
/** Nobody is to be faster than a person here. */
const SLOW = { hold: '10m', bake: '10m' }
/** Without users: judged by what needs none. */
const QUIET = {
  rollout: { hold: '500ms', bake: '500ms', minRequests: 0 },
  analysis: [{ metric: 'memory', max: '2GB' }],
}
const HIDDEN = 'not-for-anybodys-eyes-4711'
const LOCAL = 'http://127.0.0.1:9'
const EXAMPLE = fileURLToPath(new URL('../rehearsal/lokaltreu-api.yaml', import.meta.url))

const SPEC = specText({
  rest: { people: { maintainer: ['kim'] } },
  environments: {
    walk: environment({ rollout: SLOW }),
    kept: environment({ ...QUIET, gates: ['artifact-pinned'] }),
    agree: environment({ ...QUIET, approvals: [{ role: 'maintainer' }] }),
    gated: environment(
      { gates: ['artifact-pinned', { kind: 'variables', required: ['AUTH_SECRET', 'MAIL_KEY', 'MAP_KEY'] }] },
      {
        secrets: {
          AUTH_SECRET: { kind: 'env', name: 'LOKALTREU_HIDDEN' },
          MAIL_KEY: { kind: 'env', name: 'LOKALTREU_MAIL_KEY' },
          MAP_KEY: { kind: 'env', name: 'LOKALTREU_EMPTY' },
        },
      },
    ),
  },
})

/** Its smoke test turns red on the old version, too, once a file is there: what a broken database would do to live. */
const TURNING = `
const { createServer } = require('node:http')
const { existsSync } = require('node:fs')
const { version, fails, flag } = require('./build.json')
createServer((request, response) => {
  const { url } = request
  const red = url === '/smoke' ? !fails && existsSync(flag) : fails && url.startsWith('/v1/')
  response.writeHead(red ? 500 : 200, { 'x-version': version }).end('{}')
}).listen(process.env.PORT, '127.0.0.1')
setInterval(() => console.log('tick'), 1000)
`

let house: House
let witness: Witness

before(async () => {
  const env = { LOKALTREU_HIDDEN: HIDDEN, LOKALTREU_EMPTY: '' }
  house = await startHouse({ spec: SPEC, builds: ['v1', 'v2', 'v4'], env })
  witness = startWitness(house, ['walk', 'turning'], 24)
})
after(() => house?.end())

async function reached(name: string, phase: Phase): Promise<string> {
  const what = `${name} is ${phase}`
  const look = async () => {
    const { holder } = await house.status(name)
    return holder?.phase === phase ? holder.id : ''
  }
  return until(what, look, { timeoutMs: 60_000, everyMs: 100 })
}

async function firstRelease(name: string): Promise<void> {
  const run = house.start(deployArgs(name, await pin(house, 'v1')))
  const promoted = reached(name, 'baking').then((id) => house.run(['promote', id]))
  assert.equal((await promoted).code, 0)
  const ended = await run.ended
  assert.equal(ended.code, 0, ended.stderr)
}

function said(run: Ended): string {
  return `${run.stdout}\n${run.stderr}`
}

describe('people and releases, by the command line', { concurrency: true, timeout: LIMIT_MS }, () => {
  describe('[R-D13] at any moment', { concurrency: 1, timeout: LIMIT_MS }, () => {
    before(() => firstRelease('walk'))

    it('pauses, resumes, promotes and aborts; the old version serves', async () => {
      const deploy = house.start(deployArgs('walk', await pin(house, 'v2')))
      const id = await reached('walk', 'holding')
      assert.equal((await house.run(['pause', id, '--reason', 'looking at the till'])).code, 0)
      const paused = (await house.status('walk')).holder?.paused
      assert.equal(paused?.reason, 'looking at the till')
      const twice = await house.run(['pause', id, '--reason', 'again'])
      assert.equal(twice.code, 1, said(twice))
      assert.match(twice.stderr, /paused already/)
      assert.equal((await house.run(['resume', id])).code, 0)
      const again = await house.run(['resume', id])
      assert.equal(again.code, 1, said(again))
      assert.equal((await house.run(['promote', id])).code, 0)
      await reached('walk', 'baking')
      const aborted = await house.run(['abort', id, '--reason', 'the till is wrong'])
      assert.equal(aborted.code, 0, said(aborted))
      const ended = await deploy.ended
      assert.equal(ended.code, 5, said(ended))
      assert.match(ended.stdout, /the till is wrong/)
      assert.equal(lastLine(ended), 'Now serving: api v1.0.0 100 %')
      assert.deepEqual(runningVersions(house.folder, 'walk'), ['v1.0.0'])
    })

    it('[R-J02] 3 for a build that was taken back before: it is quarantined', async () => {
      const again = await house.run(deployArgs('walk', 'v2.0.0'))
      assert.equal(again.code, 3, said(again))
      assert.match(again.stdout, /quarantined/)
      assert.equal(lastLine(again), 'Now serving: api v1.0.0 100 %')
    })

    it('[R-J02] 130 for Ctrl-C and 124 for --timeout, while the release goes on; 0 for watching it to its end', async () => {
      const deploy = house.start(deployArgs('walk', await pin(house, 'v2', 'second')))
      const id = await reached('walk', 'holding')
      deploy.child.kill('SIGINT')
      const left = await deploy.ended
      assert.equal(left.code, 130, said(left))
      assert.match(left.stderr, new RegExp(`stellwerk watch ${id}`))
      assert.match(lastLine({ stdout: left.stderr }), /^Now serving: api v1\.0\.0 50 %, v2\.0\.0-second 50 %$/)
      const watched = await house.run(['watch', id, '--timeout', '500ms'])
      assert.equal(watched.code, 124, said(watched))
      assert.equal((await house.status('walk')).holder?.phase, 'holding')
      const watch = house.start(['watch', id])
      assert.equal((await house.run(['promote', id])).code, 0)
      await reached('walk', 'baking')
      assert.equal((await house.run(['promote', id])).code, 0)
      const ended = await watch.ended
      assert.equal(ended.code, 0, said(ended))
      assert.equal(lastLine(ended), 'Now serving: api v2.0.0-second 100 %')
    })

    it('[R-F03] rolls a finalized release back within its window, once', async () => {
      const [latest] = (await house.rollouts()).filter(({ environment }) => environment === 'walk')
      const back = await house.run(['rollback', latest!.id, '--reason', 'customers call'])
      assert.equal(back.code, 0, said(back))
      assert.equal(lastLine(back), 'Now serving: api v1.0.0 100 %')
      assert.deepEqual(runningVersions(house.folder, 'walk'), ['v1.0.0'])
      const twice = await house.run(['rollback', latest!.id, '--reason', 'once more'])
      assert.equal(twice.code, 1, said(twice))
      assert.match(twice.stderr, /Now serving: .*api v1\.0\.0 100 %/)
    })

    it('[R-J02] 7 for --no-wait behind another release, which then has its turn by itself', async () => {
      const first = house.start(deployArgs('walk', await pin(house, 'v4')))
      const id = await reached('walk', 'holding')
      const second = await house.run(deployArgs('walk', await pin(house, 'v2', 'third'), '--no-wait'))
      assert.equal(second.code, 7, said(second))
      const { queue } = await house.status('walk')
      assert.equal(queue.length, 1)
      assert.match((await house.run(['status', '-e', 'walk'])).stdout, new RegExp(`queued: ${queue[0]}`))
      assert.equal((await house.run(['abort', id, '--reason', 'not today'])).code, 0)
      assert.equal((await first.ended).code, 5)
      const next = await reached('walk', 'holding')
      assert.equal(next, queue[0])
      assert.equal((await house.run(['abort', next, '--reason', 'not today either'])).code, 0)
      const watched = await house.run(['watch', next])
      assert.equal(watched.code, 5, said(watched))
    })
  })

  describe('[R-J02] approvals', { concurrency: 1 }, () => {
    let alex: string
    let kim: string
    let sam: string
    let id: string

    before(async () => {
      const both = ['deploy', 'approve']
      alex = await house.token('person:alex', ['maintainer'], both)
      kim = await house.token('person:kim', [], ['approve'])
      sam = await house.token('person:sam', [], ['approve'])
    })

    it('4 for --no-wait where somebody has to agree', async () => {
      await pin(house, 'v1', 'agreed')
      const asked = await house.run(deployArgs('agree', 'v1.0.0-agreed', '--no-wait'), alex)
      assert.equal(asked.code, 4, said(asked))
      id = await reached('agree', 'approvals')
      assert.match(asked.stdout, new RegExp(`stellwerk approve ${id}`))
      assert.match(asked.stdout, /Now serving: api nothing/)
    })

    it('[R-C03] 9 for who asked, and for who holds no such role; 0 for another person with the role', async () => {
      const own = await house.run(['approve', id, '--yes'], alex)
      assert.equal(own.code, 9, said(own))
      assert.match(own.stderr, /four eyes/)
      const stranger = await house.run(['approve', id, '--yes'], sam)
      assert.equal(stranger.code, 9, said(stranger))
      assert.equal((await house.status('agree')).holder?.phase, 'approvals')
      const given = await house.run(['approve', id, '--yes'], kim)
      assert.equal(given.code, 0, said(given))
      const watched = await house.run(['watch', id])
      assert.equal(watched.code, 0, said(watched))
    })

    it('1 for a release that was rejected; nothing was started for it', async () => {
      await pin(house, 'v2', 'refused')
      const deploy = house.start(deployArgs('agree', 'v2.0.0-refused'), alex)
      const refused = await reached('agree', 'approvals')
      assert.equal((await house.run(['reject', refused, '--reason', 'not on a Friday'], kim)).code, 0)
      const ended = await deploy.ended
      assert.equal(ended.code, 1, said(ended))
      assert.match(ended.stdout, /not on a Friday/)
      assert.deepEqual(runningVersions(house.folder, 'agree'), ['v1.0.0-agreed'])
    })

    it('9 for a token that may not, or that nobody knows', async () => {
      const mayNot = await house.run(deployArgs('agree', 'v1.0.0-agreed'), kim)
      assert.equal(mayNot.code, 9, said(mayNot))
      const unknown = await house.run(['status'], `stw_${'A'.repeat(43)}`)
      assert.equal(unknown.code, 9, said(unknown))
    })
  })

  describe('[R-J02] what cannot be released', { concurrency: true }, () => {
    it('3 at a red gate, which names every missing variable and no value', async () => {
      await pin(house, 'v1', 'gated')
      const run = await house.run(deployArgs('gated', 'v1.0.0-gated'))
      assert.equal(run.code, 3, said(run))
      assert.match(run.stdout, /MAIL_KEY/)
      assert.match(run.stdout, /MAP_KEY/)
      assert.equal(lastLine(run), 'Now serving: nothing')
      assert(!said(run).includes(HIDDEN))
      assert(!JSON.stringify(await house.events()).includes(HIDDEN))
      assert.deepEqual(runningVersions(house.folder, 'gated'), [])
    })

    it('2 for a spec that is wrong, with file, line and column, from validate, plan and deploy', async () => {
      const text = SPEC.replace('minRequests:', 'minReqests:')
      const line = text.split('\n').findIndex((each) => each.includes('minReqests')) + 1
      await writeFile(join(house.folder, 'wrong.yaml'), text)
      await pin(house, 'v1', 'wrong')
      const release = ['-e', 'walk', '--artifact', 'v1.0.0-wrong']
      for (const args of [['validate'], ['plan', ...release], ['deploy', ...release, '--yes']]) {
        const run = await house.run([...args, '--file', 'wrong.yaml'])
        assert.equal(run.code, 2, said(run))
        assert.match(run.stderr, new RegExp(`wrong\\.yaml:${line}:3: .*minReqests`))
        assert.match(run.stderr, /minRequests/)
      }
    })

    it('the example’s own spec compiles for each of its environments, each with limits of its own', async () => {
      const version = await pin(house, 'v1', 'planned')
      const spec = ['--file', EXAMPLE, '--data', join(house.folder, '.stellwerk')]
      assert.equal((await house.run(['validate', '--file', EXAMPLE])).code, 0)
      const texts: Record<string, string> = {}
      for (const name of ['dev', 'stage', 'prod']) {
        const run = await house.run(['plan', '-e', name, '--artifact', version, '--json', ...spec])
        assert.equal(run.code, 0, said(run))
        texts[name] = run.stdout
      }
      assert.match(texts['dev']!, /"above":0\.1\b/)
      assert.match(texts['stage']!, /"max":0\.02\b/)
      assert.match(texts['prod']!, /"max":0\.01\b/)
      assert.match(texts['prod']!, /"holdMs":1800000/)
    })

    it('8 where no control plane is', async () => {
      const run = await house.run(['status', '--server', LOCAL], 'stw_any')
      assert.equal(run.code, 8, said(run))
      assert.match(run.stderr, /Now serving: unknown/)
    })

    it('[R-A04] what was pinned is released, whatever its build folder holds by now, and refused once its kept content was changed', async () => {
      const version = await pin(house, 'v1', 'changed')
      await writeFile(join(house.folder, 'builds/changed/server.js'), 'process.exit(0)\n')
      const shown = await house.run(['artifact', 'show', version, '--json'])
      assert.equal(shown.code, 0, said(shown))
      const released = await house.run(deployArgs('kept', version))
      assert.equal(released.code, 0, said(released))
      assert.deepEqual(runningVersions(house.folder, 'kept'), [version])

      const { digest } = (JSON.parse(shown.stdout) as Artifact).components['api']!
      const kept = join(house.folder, '.stellwerk/artifacts', digest.replace(':', '-'), 'server.js')
      await chmod(kept, 0o600)
      await appendFile(kept, '// not what was pinned\n')
      const changed = await house.run(['artifact', 'show', version])
      assert.equal(changed.code, 2, said(changed))
      assert.match(changed.stderr, /the digest of api has changed/)
      const refused = await house.run(deployArgs('kept', version))
      assert.equal(refused.code, 3, said(refused))
      assert.match(refused.stdout, new RegExp(`gate "artifact-pinned" is red: .*${digest}`))
      assert.equal(lastLine(refused), `Now serving: api ${version} 100 %`)
      assert.deepEqual(runningVersions(house.folder, 'kept'), [version])
    })

    it('[R-A04] 2 for a reference that is not immutable', async () => {
      const mutable = ['--version', 'v9', '--commit', 'a'.repeat(40), '--build-url', 'https://ci.example.org/9']
      const refused = await house.run(['artifact', 'pin', ...mutable, '--component', 'api=registry/shop:latest'])
      assert.equal(refused.code, 2, said(refused))
      assert.match(refused.stderr, /mutable reference/)
    })
  })

  describe('[R-F09] [R-F06] live is red after a rollback', { concurrency: 1 }, () => {
    const turning = async (version: string, fails: boolean) => {
      const folder = join(house.folder, 'builds', version)
      await mkdir(folder, { recursive: true })
      const facts = { version, fails, flag: join(house.folder, 'red') }
      await writeFile(join(folder, 'server.js'), TURNING)
      await writeFile(join(folder, 'build.json'), JSON.stringify(facts))
      const args = ['--commit', 'b'.repeat(40), '--build-url', `https://ci.example.org/${version}`]
      const pinned = await house.run([
        'artifact',
        'pin',
        '--version',
        version,
        ...args,
        '--component',
        `api=builds/${version}`,
      ])
      assert.equal(pinned.code, 0, pinned.stderr)
    }
    const deploy = (version: string) => house.run([...deployArgs('turning', version), '--file', 'turning.yaml'])

    before(async () => {
      const spec = parse(SPEC) as { environments: unknown }
      const alone = environment({ gates: ['artifact-pinned'] }, { secrets: {} })
      const smoke = [{ name: 'all is well', http: 'GET /smoke', expect: { status: 200 } }]
      const rest = { service: 'turning', smoke, people: {}, environments: { turning: alone } }
      const components = { api: { health: { live: '/', ready: '/' } } }
      await writeFile(join(house.folder, 'turning.yaml'), stringify({ ...spec, ...rest, components }))
      await turning('w1', false)
      await turning('w2', true)
      const first = await deploy('w1')
      assert.equal(first.code, 0, said(first))
    })

    it('6: a human is called, users are back on the old version all the same', async () => {
      await writeFile(join(house.folder, 'red'), '')
      const run = await deploy('w2')
      assert.equal(run.code, 6, said(run))
      assert.match(run.stdout, /smoke test "all is well" on live \(w1\) is red/)
      assert.match(run.stdout, /Now serving: api w1 100 %/)
      assert.deepEqual(runningVersions(house.folder, 'turning'), ['w1'])
      const { holder, serving } = await house.status('turning')
      assert.equal(holder?.phase, 'needs-human')
      assert.equal(serving[0]?.text, 'w1 100 %')
    })

    it('resolve ends it, and the environment is free again', async () => {
      const { holder } = await house.status('turning')
      const resolved = await house.run(['resolve', holder!.id, '--note', 'database restarted'])
      assert.equal(resolved.code, 0, said(resolved))
      assert.equal((await house.status('turning')).holder, null)
    })
  })
})

describe('[R-J02] the control plane goes away and comes back', { concurrency: 1 }, () => {
  it('leaves users served and loses no release: a deploy goes on where it was, nothing is started twice', async () => {
    const deploy = house.start(deployArgs('walk', await pin(house, 'v4', 'across')))
    const id = await reached('walk', 'holding')
    const pids = instancesOf(house.folder, 'walk').map(({ pid }) => pid)
    assert.equal(pids.length, 2)
    const list = (await house.run(['list', '--json'])).stdout
    const answered = witness.load('walk')?.ok ?? 0
    assert.equal(await house.stopUp(), 0)
    const gone = await house.run(['status'])
    assert.equal(gone.code, 8, said(gone))
    await until('users are served without it', () => (witness.load('walk')?.ok ?? 0) > answered + 50)
    await house.up()
    const idOf = (lines: string) =>
      lines
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id)
    assert.deepEqual(idOf((await house.run(['list', '--json'])).stdout), idOf(list))
    const { holder, serving } = await house.status('walk')
    assert.equal(holder?.id, id)
    assert.equal(serving[0]?.text, 'v1.0.0 50 %, v4.0.0-across 50 %')
    await reached('walk', 'holding')
    assert.equal((await house.run(['promote', id])).code, 0)
    await reached('walk', 'baking')
    assert.deepEqual(
      instancesOf(house.folder, 'walk').map(({ pid }) => pid),
      pids,
    )
    assert.equal((await house.run(['promote', id])).code, 0)
    const ended = await deploy.ended
    assert.equal(ended.code, 0, said(ended))
    assert.match(ended.stderr, /lost the control plane/)
    assert.match(ended.stderr, /the control plane is back/)
  })

  it('[R-D08] no user lost a request in all of this, and the status said the truth', async () => {
    const { testimony, counters } = await witness.stop()
    for (const [name, { lost, lostBy, sent }] of Object.entries(counters)) {
      assert.equal(lost, 0, `${name}: ${JSON.stringify(lostBy)} of ${sent}`)
      assert(sent > 200, `${name}: ${sent}`)
    }
    assert.deepEqual(weightLies(testimony), [])
    assert.deepEqual(answerLies(testimony, { mute: [] }), [])
  })
})
