import { english, say } from '../core/say.ts'
import assert from 'node:assert/strict'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Artifact } from '../core/artifact.ts'
import { EXIT, type ExitCode } from '../errors.ts'
import { exampleArtifact, examplePlan, exampleRollout } from '../testing/example-rollout.ts'
import { readSpec } from '../composition/deps.ts'
import { fakeIo, type FakeIoOptions } from '../testing/fake-io.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { parseBlock } from './client/event-feed.ts'
import type { Deps, StartOptions } from './deps.ts'
import { parseDuration } from './duration.ts'
import { exitOf } from './follow.ts'
import { allVerbs } from './index.ts'
import { languageOf } from '../text/languages.ts'
import { runCli } from './run.ts'
import { listenAddress } from './up.ts'

const DIGEST = `sha256:${'7e'.repeat(32)}`
const PIN = `artifact pin --version v1.4.0 --build-url https://ci.example.org/1 --commit ${'ab'.repeat(20)}`.split(' ')

/** Everything is where it was pinned. */
const digestNow: Deps['digestNow'] = async ({ digest }) => digest

/** Until the end of the test that calls it. */
async function folder(): Promise<string> {
  const path = await temporaryFolder('run')
  after(() => rm(path, { recursive: true, force: true }))
  return path
}

async function run(argv: readonly string[], deps: Partial<Deps>, options: FakeIoOptions = {}) {
  const io = fakeIo(options)
  const code = await runCli(argv, io, deps)
  return { code, output: io.output(), errors: io.errors() }
}

describe('artifact', () => {
  const deps = { takeOver: async () => DIGEST, digestNow: async () => DIGEST }

  it('pins folders by the digest of their tree and images by theirs', async () => {
    const cwd = await folder()
    await mkdir(join(cwd, 'dist'))
    const image = `registry.example.org/web@sha256:${'1a'.repeat(32)}`
    const components = ['--component', 'api=./dist', '--component', `web=${image}`]
    const pinned = await run([...PIN, ...components, '--author', 'person:kim'], deps, { cwd })
    assert.equal(pinned.code, 0, pinned.errors)
    const file = join(cwd, '.stellwerk/artifacts/v1.4.0.json')
    assert.equal(pinned.output, `${file}\n`)
    const artifact = JSON.parse(await readFile(file, 'utf8')) as Artifact
    assert.deepEqual(artifact.components, {
      api: { ref: join(cwd, 'dist'), digest: DIGEST },
      web: { ref: image, digest: `sha256:${'1a'.repeat(32)}` },
    })
    assert.deepEqual(artifact.authors, ['person:kim'])
    const shown = await run(['artifact', 'show', 'v1.4.0', '--json'], deps, { cwd })
    assert.deepEqual(JSON.parse(shown.output), artifact)
    const changed = await run(['artifact', 'show', 'v1.4.0'], { digestNow: async () => 'sha256:other' }, { cwd })
    assert.equal(changed.code, 2)
    assert.match(changed.errors, /the digest of api has changed/)
    const gone = await run(['artifact', 'show', 'v1.4.0'], { digestNow: async () => null }, { cwd })
    assert.match(gone.errors, /the content of api is neither kept in the data folder nor at \//)
  })

  it('pins a version once: again the same is fine, another thing never is', async () => {
    const cwd = await folder()
    await mkdir(join(cwd, 'dist'))
    const pin = [...PIN, '--component', 'api=./dist']
    assert.equal((await run(pin, deps, { cwd })).code, 0)
    assert.equal((await run(pin, deps, { cwd })).code, 0)
    const other = await run(pin, { takeOver: async () => `sha256:${'00'.repeat(32)}` }, { cwd })
    assert.equal(other.code, 2)
    assert.match(other.errors, /v1\.4\.0 is pinned already, as something else/)
  })

  it('says of a version that nobody pinned, and of a file that is not there, which file it looked for', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'stellwerk.yaml'), 'service: shop\n')
    const unpinned = await run(['plan', '-e', 'prod', '--artifact', 'v1.4.0'], deps, { cwd })
    assert.equal(unpinned.code, 2)
    const pinned = join(cwd, '.stellwerk/artifacts/v1.4.0.json')
    assert(
      unpinned.errors.includes(
        `Why: no such version is pinned here, nor at a control plane: there is no file ${pinned}\n`,
      ),
      unpinned.errors,
    )
    const missing = await run(['plan', '-e', 'prod', '--artifact', './a.json'], deps, { cwd })
    assert(missing.errors.includes(`Why: there is no file ${join(cwd, 'a.json')}\n`), missing.errors)
  })

  it('refuses at once what no environment of the spec could run, and a component it does not know', async () => {
    const cwd = await folder()
    const { initFolder } = await import('../composition/init.ts')
    await initFolder({ folder: cwd, service: 'shop', force: false })
    await mkdir(join(cwd, 'dist'))
    const parts = { ...deps, readSpec }
    const image = `registry.example.org/api@sha256:${'1a'.repeat(32)}`
    const refused = await run([...PIN, '--component', `api=${image}`], parts, { cwd })
    assert.equal(refused.code, 2)
    assert.match(
      refused.errors,
      /stellwerk\.yaml:\d+:\d+: api: "registry\.example\.org.*" is an image; the platform "process" runs a folder or archive only\n/,
    )
    const slip = await run([...PIN, '--component', 'ap=./dist'], parts, { cwd })
    assert.match(slip.errors, /no component "ap" is declared; did you mean "api"\?/)
    const fits = await run([...PIN, '--component', 'api=./dist'], parts, { cwd })
    assert.equal(fits.code, 0, fits.errors)
  })

  it('plan refuses here what is neither kept nor at its place any more', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'stellwerk.yaml'), 'service: shop\n')
    await writeFile(join(cwd, 'a.json'), JSON.stringify(exampleArtifact()))
    const compile: Deps['compile'] = async () => ({
      ok: true,
      value: { plan: examplePlan(), planHash: 'c0ffee', identity: 'id' },
    })
    const gone = { compile, digestNow: async () => null }
    const { code, errors } = await run(['plan', '-e', 'prod', '--artifact', './a.json'], gone, { cwd })
    assert.equal(code, 2)
    assert.match(
      errors,
      /v2\.0\.0 cannot be released\nWhy: the content of api is neither kept .* nor at \/srv\/shop\/v2\.0\.0\n/,
    )
  })

  it('refuses what is mutable: a tag, a short commit', async () => {
    const cwd = await folder()
    const tag = await run([...PIN, '--component', 'api=registry.example.org/api:latest'], deps, { cwd })
    assert.equal(tag.code, 2)
    assert.match(tag.errors, /cannot pin "registry.example.org\/api:latest"\nWhy: .* a mutable reference/)
    await mkdir(join(cwd, 'dist'))
    const short = PIN.map((word) => (word === 'ab'.repeat(20) ? 'abc1234' : word))
    const refused = await run([...short, '--component', 'api=./dist'], deps, { cwd })
    assert.equal(refused.code, 2)
    assert.match(refused.errors, /- commit: "abc1234" is a mutable reference/)
  })
})

describe('spec', () => {
  it('validate prints every problem with its place, and answers 2', async () => {
    const problems = [
      { where: 'stellwerk.yaml:3:1', message: 'unknown key "stepps"; did you mean "steps"?' },
      { where: 'stellwerk.yaml:7:11', message: 'hold: expected a duration such as "5m"' },
    ]
    const readSpec: Deps['readSpec'] = async () => ({ ok: false, kind: 'invalid', message: '2 problems', problems })
    const { code, errors } = await run(['validate'], { readSpec })
    assert.equal(code, 2)
    for (const { where, message } of problems) assert(errors.includes(`  - ${where}: ${message}\n`), errors)
  })

  it('validate looks at the environment that it is given', async () => {
    const cwd = await folder()
    const init = await import('../composition/init.ts')
    await init.initFolder({ folder: cwd, service: 'shop', force: false })
    assert.equal((await run(['validate', '-e', 'prod'], { readSpec }, { cwd })).code, 0)
    const { code, output, errors } = await run(['validate', '-e', 'prdo'], { readSpec }, { cwd })
    assert.deepEqual([code, output], [2, ''])
    assert.match(
      errors,
      /Error: there is no environment "prdo" in stellwerk\.yaml\nWhy: .*\nFix: did you mean -e prod\?/,
    )
  })

  it('validate and rehearse name the spec that is not there', async () => {
    const cwd = await folder()
    for (const verb of ['validate', 'rehearse']) {
      const { code, errors } = await run([verb, '--file', 'nope.yaml'], { readSpec }, { cwd })
      assert.equal(code, 2)
      assert(errors.includes(`Why: there is no file ${join(cwd, 'nope.yaml')}\n`), errors)
    }
  })

  it('plan compiles here when no control plane is there, and says so', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'stellwerk.yaml'), 'service: shop\n')
    await writeFile(join(cwd, 'a.json'), JSON.stringify(exampleArtifact()))
    const seen: unknown[] = []
    const compile: Deps['compile'] = async (request) => {
      seen.push(request)
      return { ok: true, value: { plan: examplePlan(), planHash: 'c0ffee', identity: 'id' } }
    }
    const argv = ['plan', '-e', 'prod', '--artifact', './a.json', '--flag', 'color=red']
    const { code, output, errors } = await run(argv, { compile, digestNow }, { cwd })
    assert.equal(code, 0, errors)
    assert.match(errors, /planned locally/)
    assert.match(
      output,
      /^shop v2\.0\.0 → prod \(blue-green\)\n[^]*\n {2}plan +c0ffee\n[^]*\n {3}1\. {2}check the gates: variables +within 5m\n/,
    )
    assert.match(output, /The way back, from step\n[^]* 3–4 {2}stop the candidate\n/)
    const spec = { text: 'service: shop\n', file: 'stellwerk.yaml', folder: cwd }
    assert.deepEqual(seen, [{ spec, environment: 'prod', artifact: exampleArtifact(), flags: { color: 'red' } }])
  })

  it('[R-E03] plan shows what each step sees, and which rule would stop healthy releases', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'stellwerk.yaml'), 'service: shop\n')
    await writeFile(join(cwd, 'a.json'), JSON.stringify(exampleArtifact()))
    const example = examplePlan()
    const traffic = { requestsPerSecond: 20, errorRate: 0.005 }
    const raw = { kind: 'relative', id: 'raw', metric: 'error-rate', to: 'live', margin: 0.5, forMs: 60_000 } as const
    const plan = {
      ...example,
      components: example.components.map((component) => ({ ...component, traffic })),
      analysis: { ...example.analysis, rules: [raw] },
    }
    const compile: Deps['compile'] = async () => ({ ok: true, value: { plan, planHash: 'c0ffee', identity: 'id' } })
    const { output } = await run(['plan', '-e', 'prod', '--artifact', './a.json'], { compile, digestNow }, { cwd })
    assert.match(
      output,
      /\nWhat each step can see of api \(20 requests\/s, 0.5 % errors, declared\)\n {3}\d\. 10 % · 5m {2,}raw {2}(rolls back|is silent|cannot roll back yet)/,
    )
    assert.match(output, /\nWorth a look\n/)
    assert.match(output, /! api: "raw" .* would stop about \d+ of 100 healthy releases at 20 requests\/s/)
  })

  it('[R-E03] validate names by environment what will disappoint, and is content all the same', async () => {
    const read = {
      source: { text: '', file: '', folder: '' },
      service: 'shop',
      environments: ['prod'],
      components: ['api'],
    }
    const said = say`api: 10 % for 5m (step 8) sees too little`
    const warnings = [{ environment: 'prod', text: english(said), said }]
    const readSpec: Deps['readSpec'] = async () => ({ ok: true, value: { ...read, warnings: () => warnings } })
    const { code, output } = await run(['validate'], { readSpec })
    assert.equal(code, 0)
    assert.match(output, /\nWorth a look\n {2}! prod: api: 10 % for 5m \(step 8\) sees too little\n/)
    assert.deepEqual(JSON.parse((await run(['validate', '--json'], { readSpec })).output).warnings, warnings)
  })

  it('names what is missing of an artifact, an environment, a spec', async () => {
    const cwd = await folder()
    const plan = ['plan', '--artifact', './a.json']
    assert.match((await run(plan, {}, { cwd })).errors, /Error: no environment\n.*\nFix: stellwerk plan .* -e prod/)
    assert.match((await run([...plan, '-e', 'prod'], {}, { cwd })).errors, /cannot read the spec stellwerk\.yaml/)
    await writeFile(join(cwd, 'stellwerk.yaml'), '')
    await writeFile(join(cwd, 'a.json'), '{"version": 7, "components": {"api": {"ref": "x"}}}')
    const { errors } = await run([...plan, '-e', 'prod'], {}, { cwd })
    for (const where of ['version', 'commit', 'buildUrl', 'authors', 'components.api']) {
      assert(errors.includes(`  - ${where}: must`), errors)
    }
  })
})

describe('up', () => {
  it('announces where it listens, ends on Ctrl-C, and takes the announcement away', async () => {
    const cwd = await folder()
    const io = fakeIo({ cwd })
    let stopped = false
    let given: StartOptions | null = null
    const startControlPlane: Deps['startControlPlane'] = async (options) => {
      given = options
      const stop = async () => {
        stopped = true
      }
      return { url: 'http://127.0.0.1:4711', ended: new Promise(() => {}), stop, tearDown: stop }
    }
    const ending = runCli(['up', '--listen', '0'], io, { startControlPlane })
    await until('it has announced itself', () => io.output().includes('control plane at http://127.0.0.1:4711'))
    const file = join(cwd, '.stellwerk/control-plane.json')
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { url: 'http://127.0.0.1:4711', pid: process.pid })
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    io.interrupt()
    assert.equal(await ending, 0)
    assert.equal(stopped, true)
    assert.equal(given!.port, 0)
    await assert.rejects(stat(file), { code: 'ENOENT' })
  })

  it('fails when the control plane cannot go on', async () => {
    let stopped = false
    const startControlPlane = async () => {
      const stop = async () => {
        stopped = true
      }
      return { url: 'http://127.0.0.1:1', ended: Promise.reject(new Error('database gone')), stop, tearDown: stop }
    }
    const { code, errors } = await run(['up'], { startControlPlane }, { cwd: await folder() })
    assert.equal(code, 1)
    assert.equal(stopped, true, 'what it started beside itself is ended')
    assert.match(errors, /database gone/)
  })

  it('does not start without a spec that was named', async () => {
    const cwd = await folder()
    const never = async () => assert.fail('nothing may be started')
    const { code, errors } = await run(['up', '--file', 'nope.yaml'], { startControlPlane: never }, { cwd })
    assert.equal(code, 2)
    assert(errors.includes(`Why: there is no file ${join(cwd, 'nope.yaml')}\n`), errors)
  })

  it('reads addresses', () => {
    assert.deepEqual(listenAddress('7070'), { host: '127.0.0.1', port: 7070 })
    assert.deepEqual(listenAddress('0.0.0.0:80'), { host: '0.0.0.0', port: 80 })
    assert.deepEqual(listenAddress('[::1]:80'), { host: '::1', port: 80 })
    for (const wrong of ['', 'host', 'host:', '1:2:3', '99999'])
      assert.throws(() => listenAddress(wrong), /is not an address/)
  })
})

describe('down', () => {
  it('wants to be sure, and a data folder in which nothing runs', async () => {
    const cwd = await folder()
    const never = async () => assert.fail('nothing may be started')
    const nothing = await run(['down', '--yes'], { startControlPlane: never }, { cwd })
    assert.deepEqual([nothing.code, /there is no data folder/.test(nothing.errors)], [2, true])
    await mkdir(join(cwd, '.stellwerk'))
    const unasked = await run(['down'], { startControlPlane: never }, { cwd })
    assert.deepEqual([unasked.code, /cannot ask for confirmation/.test(unasked.errors)], [2, true])
  })

  it('tears down what the data folder serves with', async () => {
    const cwd = await folder()
    await mkdir(join(cwd, '.stellwerk'))
    const done: string[] = []
    const startControlPlane: Deps['startControlPlane'] = async ({ dataFolder, port }) => ({
      url: 'http://127.0.0.1:1',
      ended: new Promise(() => {}),
      stop: async () => {},
      tearDown: async () => void done.push(`${dataFolder} ${port}`),
    })
    const { code, output } = await run(['down', '--yes'], { startControlPlane }, { cwd })
    assert.equal(code, 0)
    assert.deepEqual(done, [`${join(cwd, '.stellwerk')} 0`])
    assert.match(output, /instances and router are stopped/)
  })
})

describe('doctor', () => {
  it('answers 1 when something is bad, with how to mend it', async () => {
    const doctorChecks: Deps['doctorChecks'] = async () => [
      { name: 'ports', outcome: 'bad', detail: '8080 is taken', fix: 'choose another' },
    ]
    const { code, output } = await run(['doctor'], { doctorChecks }, { cwd: await folder() })
    assert.equal(code, 1)
    assert.match(output, /✓ node: v\d+/)
    assert.match(output, /✗ ports: 8080 is taken\n {4}Fix: choose another\n/)
  })

  it('only warns before the first "up", but minds a control plane that is named and does not answer', async () => {
    const doctorChecks: Deps['doctorChecks'] = async () => []
    const before = await run(['doctor'], { doctorChecks }, { cwd: await folder() })
    assert.equal(before.code, 0, before.output)
    assert.match(before.output, /! control plane: none runs here.*\n {4}Fix: stellwerk up\n/)
    const env = { STELLWERK_URL: 'http://127.0.0.1:1', STELLWERK_TOKEN: 'x' }
    const named = await run(['doctor'], { doctorChecks }, { cwd: await folder(), env })
    assert.equal(named.code, 1, named.output)
    assert.match(named.output, /✗ control plane: /)
  })

  it('says that a part is missing, when Stellwerk was put together without it', async () => {
    const { code, errors } = await run(['init'], {}, { cwd: await folder() })
    assert.equal(code, 1)
    assert.match(errors, /put together without "initSpec"/)
  })
})

describe('deploy asks on a terminal', () => {
  it('and does nothing without a yes', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'stellwerk.yaml'), '')
    await writeFile(join(cwd, 'a.json'), JSON.stringify(exampleArtifact()))
    const { testApp } = await import('../testing/http-app.ts')
    const { serveHttp } = await import('../http/serve.ts')
    const test = testApp()
    const server = await serveHttp(test.app, { port: 0 })
    const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await test.token(['deploy']) }
    const argv = ['deploy', '-e', 'prod', '--artifact', './a.json']
    for (const replies of [['n'], [''], []]) {
      const { code, errors } = await run(argv, {}, { cwd, env, isTTY: true, replies })
      assert.equal(code, 1)
      assert.match(errors, /Release v2\.0\.0 to prod\? \[y\/N\] Not started; nothing changed for users\./)
    }
    assert.deepEqual(test.fake.asked, [])
    test.fake.onRequest = ({ id }) => test.fake.end(id, 'finalized', 0)
    const yes = await run(argv, {}, { cwd, env, isTTY: true, replies: ['Y'] })
    assert.equal(yes.code, 0, yes.errors)
    await server.close(0)
  })
})

describe('small parts', () => {
  it('exit codes are as documented', () => {
    const codes = Object.values(EXIT).map(({ code }: ExitCode) => code)
    assert.deepEqual(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 124, 130])
  })

  it('a rollout that is not at its end has no exit code, unless nobody wants to wait', () => {
    const at = (phase: 'queued' | 'approvals' | 'gates' | 'holding') => exampleRollout('r', { phase })
    for (const phase of ['queued', 'approvals', 'gates', 'holding'] as const)
      assert.equal(exitOf(at(phase), true), null)
    assert.deepEqual(
      (['queued', 'approvals', 'gates', 'holding'] as const).map((phase) => exitOf(at(phase), false)),
      [7, 4, null, null],
    )
    assert.equal(exitOf(exampleRollout('r', { phase: 'needs-human' }), true), 6)
    assert.equal(exitOf(exampleRollout('r', { phase: 'finalized', exitCode: 0 }), true), 0)
  })

  it('reads durations, and refuses what is none', () => {
    assert.equal(parseDuration('30m', '--timeout'), 1_800_000)
    assert.equal(parseDuration('1h30m', '--timeout'), 5_400_000)
    assert.equal(parseDuration('250ms', '--timeout'), 250)
    for (const wrong of ['', '30', 'm', '5x', '-5m', '5 m', '5m!']) {
      assert.throws(() => parseDuration(wrong, '--timeout'), /is not a duration/, wrong)
    }
  })

  it('reads server-sent events', () => {
    assert.deepEqual(parseBlock('event: Paused\ndata: {"a":"b: c"}\nid: 7'), [{ id: 7, json: '{"a":"b: c"}' }])
    assert.deepEqual(parseBlock(': nothing new'), [])
    assert.deepEqual(parseBlock('retry: 1000'), [])
  })

  it('chooses the language of the terminal', () => {
    assert.equal(languageOf({ LANG: 'de_AT.UTF-8' }), 'de')
    assert.equal(languageOf({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }), 'en')
    assert.equal(languageOf({ LANG: 'fr_FR.UTF-8' }), 'en')
    assert.equal(languageOf({}), 'en')
  })

  it('every verb has a name of its own and says what it does', async () => {
    const verbs = await allVerbs()
    assert.equal(new Set(verbs.map(({ name }) => name)).size, verbs.length)
    for (const { name, summary } of verbs) assert.match(english(summary), /^[A-Z].{5,90}[^.]$/, name)
  })
})
