/**
 * Goal: a pipeline on another machine releases through the action, without a stored secret. Method: the steps of action.yml as a
 * runner runs them (bash, its variables and files), each job in a folder and home of its own, against a real control plane
 * at another port and data folder; the forge is a server that signs with real keys.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { remove } from '../../src/adapters/artifact-store/homes.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { type CliRun, startCli } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { type Forge, forge } from '../integration/ci-login-world.ts'
import { endProcessesOf } from './support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const COMMIT = 'ab'.repeat(20)

const specOf = (issuer: string) => `
service: hello
components:
  web:
    health: { live: /health, ready: /health }
    platform: { kind: process, command: "node server.cjs" }
    router: { kind: embedded, listen: "127.0.0.1:0" }
rollout: { steps: [100%], hold: 300ms, bake: 300ms, tick: 100ms, rollbackWindow: 10m, minRequests: 0 }
analysis: [{ metric: memory, max: 2GB }]
smoke: [{ http: GET /, expect: { status: 200 } }]
ci: [{ forge: github, issuer: "${issuer}", repository: 123, owner: 45, refs: [refs/heads/main] }, { forge: gitlab, issuer: "${issuer}", repository: 77, owner: 45, refs: [refs/heads/main] }]
environments:
  dev: {}
  stage: { gates: [artifact-pinned] }
  prod: { variables: {}, gates: [{ kind: variables, required: [DATABASE_URL] }], ci: [{ forge: github, issuer: "${issuer}", repository: 999, owner: 45, refs: [refs/heads/main] }] }
`

const server = (version: string) => `
require('node:http').createServer((request, response) => response.end('${version}')).listen(process.env.PORT, '127.0.0.1')
`

let house: string
let github: Forge
let up: CliRun
let url: string
let jobs = 0
const ends: (() => void)[] = []

before(async () => {
  house = await temporaryFolder('action')
  github = await forge({ after: (end: () => void) => void ends.push(end) } as unknown as TestContext)
  const control = join(house, 'control')
  await mkdir(control, { recursive: true })
  await writeFile(join(control, 'stellwerk.yaml'), specOf(github.issuer))
  up = startCli(['up', '--listen', '127.0.0.1:0', '--log-level', 'error'], { cwd: control, env: { HOME: control } })
  const said = () => /http:\S+/.exec(up.stdout())?.[0] ?? null
  url = (await until('"stellwerk up" says where it is', said, { timeoutMs: 120_000 })) ?? ''
  for (const environment of ['dev', 'stage', 'prod']) {
    const set = await startCli(['policy', 'set', '-e', environment, '--note', 'as agreed', '--yes'], { cwd: control })
      .ended
    assert.equal(set.code, 0, set.stderr)
  }
})

after(async () => {
  up.child.kill('SIGTERM')
  await up.ended
  for (const end of ends) end()
  await endProcessesOf(house)
  await remove(join(house, 'control/.stellwerk/artifacts'))
  await rm(house, { recursive: true, force: true })
})

type Action = {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly steps: readonly { readonly run: string; readonly env: Readonly<Record<string, string>> }[] }
}

type Job = {
  readonly code: number | null
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
}

/** GitHub's clock is the real one here, and so is the control plane's. */
const now = () => Math.floor(Date.now() / 1000)

type Given = {
  readonly inputs: Readonly<Record<string, string>>
  readonly build?: string
  readonly env?: object
  readonly claims?: object
}

/** One job of a runner with nothing on it but the checked-out spec, and what it builds. */
async function job({ inputs, build, env = {}, claims = {} }: Given): Promise<Job> {
  const folder = join(house, `job-${++jobs}`)
  await mkdir(join(folder, 'home'), { recursive: true })
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'stellwerk.yaml'), specOf(github.issuer))
  for (const file of ['summary', 'output']) await writeFile(join(folder, file), '')
  if (build !== undefined) {
    await mkdir(join(folder, 'dist'))
    await writeFile(join(folder, 'dist/server.cjs'), server(build))
  }
  const bin = join(folder, 'bin/stellwerk')
  await writeFile(bin, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin/stellwerk.mjs')}" "$@"\n`, {
    mode: 0o755,
  })
  const action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Action
  const runner = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    HOME: join(folder, 'home'),
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_PATH: ROOT,
    GITHUB_SHA: COMMIT,
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'octo/hello',
    GITHUB_RUN_ID: String(jobs),
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    ...tokenRequest(claims),
    ...env,
  }
  const ended = await steps(action, { server: url, ...inputs }, { cwd: folder, env: runner })
  const output = await readFile(runner.GITHUB_OUTPUT, 'utf8')
  const outputs = Object.fromEntries([...output.matchAll(/^([\w-]+)=(.*)$/gm)].map(([, name, value]) => [name, value]))
  const summary = await readFile(runner.GITHUB_STEP_SUMMARY, 'utf8')
  await rm(folder, { recursive: true, force: true })
  return { ...ended, summary, outputs }
}

async function steps(
  { inputs, runs }: Action,
  given: Readonly<Record<string, string>>,
  { cwd, env }: { readonly cwd: string; readonly env: object },
): Promise<{ readonly code: number | null; readonly log: string }> {
  const valueOf = (expression: string) =>
    expression.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => given[name] ?? inputs[name]?.default ?? '')
  let log = ''
  for (const step of runs.steps) {
    const own = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, valueOf(value)]))
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd,
      env: { ...(env as NodeJS.ProcessEnv), ...own },
    })
    child.stdout.on('data', (text) => (log += text))
    child.stderr.on('data', (text) => (log += text))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    if (code !== 0) return { code, log }
  }
  return { code: 0, log }
}

/** Where GitHub hands a job its token: the forge's own server answers as that as well. */
function tokenRequest(changes: object): Readonly<Record<string, string>> {
  const times = { iat: now(), nbf: now(), exp: now() + 300 }
  const token = () => github.sign({ ...times, repository: 'octo/hello', actor_id: '7', ...changes })
  const tokens = github.handsOut(token)
  return { ACTIONS_ID_TOKEN_REQUEST_URL: tokens.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokens.bearer }
}

const release = (environment: string, more: Readonly<Record<string, string>> = {}) => ({ environment, ...more })

async function rollout(id: string): Promise<RolloutView> {
  const secret = (await readFile(join(house, 'control/.stellwerk/local-token'), 'utf8')).trim()
  const answer = await fetch(`${url}/api/v1/rollouts/${id}`, { headers: { authorization: `Bearer ${secret}` } })
  return (await answer.json()) as RolloutView
}

const NO_TOKEN = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' }

describe('[R-J01] a pipeline on another machine, by the action', () => {
  it('releases v1, then v2, and promotes v1 after v2 was built; record, summary and outputs name the run', async () => {
    const first = await job({
      inputs: release('dev', { version: 'v1', components: '\n  web=dist  \n\n' }),
      build: 'one',
    })
    assert.equal(first.code, 0, first.log)
    assert.match(first.log, /^::group::Pin the artifact$/m)
    assert.equal(first.outputs['phase'], 'finalized')
    assert.match(first.summary, /^### hello v1 → dev$/m)
    assert.match(first.summary, /\[CI run\]\(https:\/\/github\.example\/octo\/hello\/actions\/runs\/1\)/)
    const { run, requestedBy } = await rollout(first.outputs['rollout'] ?? '')
    assert.deepEqual([run, requestedBy], ['https://github.example/octo/hello/actions/runs/1', github.account('7')])
    const second = await job({ inputs: release('dev', { version: 'v2', components: 'web=dist' }), build: 'two' })
    assert.equal(second.code, 0, second.log)
    const promoted = await job({ inputs: release('stage', { version: 'v1' }) })
    assert.equal(promoted.code, 0, promoted.log)
    assert.deepEqual([promoted.outputs['version'], promoted.outputs['phase']], ['v1', 'finalized'])
  })

  it('shows the plan and releases nothing where only that is asked for', async () => {
    const { code, log, outputs } = await job({ inputs: release('dev', { version: 'v1', 'plan-only': 'true' }) })
    assert.equal(code, 0, log)
    assert.match(log, /^::group::Plan$/m)
    assert.deepEqual(outputs, {})
  })

  const faults: readonly (readonly [string, Given, number, RegExp])[] = [
    ['no token', { inputs: release('dev', { version: 'v1' }), env: NO_TOKEN }, 9, /id-token: write/],
    [
      'an environment that another repository may release to',
      { inputs: release('prod', { version: 'v1' }) },
      9,
      /its repository 123 is none that "ci" names/,
    ],
    [
      'a branch that may not',
      { inputs: release('dev', { version: 'v1' }), claims: { ref: 'refs/heads/x' } },
      9,
      /its ref refs\/heads\/x is none/,
    ],
    [
      'a control plane that is away',
      { inputs: { ...release('dev'), version: 'v1', server: 'http://127.0.0.1:9' } },
      8,
      /does not answer/,
    ],
    ['a version that nobody pinned', { inputs: release('dev', { version: 'v7' }) }, 2, /v7/],
    [
      'a version that was pinned with another content',
      { inputs: release('dev', { version: 'v1', components: 'web=dist' }), build: 'other' },
      1,
      /v1 is pinned already, as something else/,
    ],
    ['nothing to release', { inputs: release('dev') }, 2, /neither components nor a version/],
    ['an input that would be a command', { inputs: release('dev', { version: '$(touch /tmp/x); v1' }) }, 2, /touch/],
  ]
  for (const [name, given, code, wanted] of faults) {
    it(`is refused with exit code ${code} for ${name}, as an error of the run`, async () => {
      const ended = await job(given)
      assert.equal(ended.code, code, ended.log)
      assert.match(ended.log, wanted)
      assert.match(ended.log, new RegExp(`^::error title=Stellwerk, exit code ${code}::`, 'm'))
    })
  }
})

type Component = {
  readonly 'stellwerk-release': {
    readonly variables: Readonly<Record<string, string>>
    readonly script: readonly string[]
    readonly id_tokens: object
    readonly artifacts: { readonly reports: { readonly dotenv: string } }
  }
}

/** As GitLab makes a job of templates/release.yml, and its runner runs it; what npm would install is this repository. */
async function gitlabJob(inputs: Readonly<Record<string, string>>, build: string) {
  const folder = join(house, `job-${++jobs}`)
  const prefix = join(folder, 'npm')
  for (const path of ['dist', 'home', 'npm/lib/node_modules', 'npm/bin'])
    await mkdir(join(folder, path), { recursive: true })
  await writeFile(join(folder, 'stellwerk.yaml'), specOf(github.issuer))
  await writeFile(join(folder, 'dist/server.cjs'), server(build))
  await symlink(ROOT, join(prefix, 'lib/node_modules/stellwerk'))
  const bin = join(prefix, 'bin/stellwerk')
  await writeFile(bin, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin/stellwerk.mjs')}" "$@"\n`, {
    mode: 0o755,
  })
  const [head, body] = parseAllDocuments(await readFile(join(ROOT, 'templates/release.yml'), 'utf8'))
  const known = (head!.toJS() as { spec: Pick<Action, 'inputs'> }).spec.inputs
  const { variables, script, artifacts } = filled(
    body?.toJS() as Component,
    (name) => inputs[name] ?? known[name]?.default ?? '',
  )['stellwerk-release']
  const times = { iat: now(), nbf: now(), exp: now() + 300 }
  const claims = {
    repository_id: undefined,
    project_id: '77',
    namespace_id: '45',
    project_path: 'octo/hello',
    ref: 'main',
    ref_type: 'branch',
    pipeline_source: 'push',
    user_id: '8',
    pipeline_id: '9',
  }
  const env = {
    PATH: `${join(prefix, 'bin')}:${process.env['PATH']}`,
    HOME: join(folder, 'home'),
    npm_config_prefix: prefix,
    GITLAB_CI: 'true',
    CI_COMMIT_SHA: COMMIT,
    CI_PIPELINE_URL: 'https://gitlab.example/octo/hello/-/pipelines/9',
    STELLWERK_ID_TOKEN: await github.sign({ ...times, ...claims }),
    STELLWERK_URL: url,
    ...variables,
  }
  // Installing is npm's business, and tested with the package.
  const runs = { steps: script.filter((line) => !line.startsWith('npm install')).map((run) => ({ run, env: {} })) }
  const ended = await steps({ inputs: {}, runs }, {}, { cwd: folder, env })
  const dotenv = await readFile(join(folder, artifacts.reports.dotenv), 'utf8').catch(() => '')
  await rm(folder, { recursive: true, force: true })
  return { ...ended, dotenv }
}

/** GitLab fills inputs into the values of a file, never into its text. */
function filled<T>(value: T, of: (name: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'string' ? each.replace(/\$\[\[ inputs\.([\w-]+) \]\]/g, (__, name: string) => of(name)) : each,
  ) as T
}

describe('[R-J01] a pipeline of GitLab, by the component', () => {
  it('logs in with the one token of the job, pins, releases, and leaves a dotenv report', async () => {
    const inputs = { environment: 'dev', server: url, version: 'v3', components: 'web=dist' }
    const { code, log, dotenv } = await gitlabJob(inputs, 'three')
    assert.equal(code, 0, log)
    assert.match(log, /section_start:\d+:stellwerk_1\r/)
    assert.match(dotenv, /^phase=finalized$/m)
    const { run, requestedBy } = await rollout(/^rollout=(.*)$/m.exec(dotenv)?.[1] ?? '')
    assert.deepEqual(
      [run, requestedBy],
      ['https://gitlab.example/octo/hello/-/pipelines/9', github.account('8', 'gitlab')],
    )
  })
})

describe('the workflow that `render workflow` writes', () => {
  const rendered = async (forge: string): Promise<Record<string, never>> => {
    const { code, stdout, stderr } = await startCli(['render', 'workflow', '--forge', forge], {
      cwd: join(house, 'control'),
    }).ended
    assert.equal(code, 0, stderr)
    return parse(stdout) as Record<string, never>
  }

  it('asks for what the action takes, with the environments of the spec and the least permissions', async () => {
    const action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Action
    const { on, permissions, jobs: all } = (await rendered('github')) as unknown as Workflow
    assert.deepEqual(on.workflow_dispatch.inputs['environment']?.options, ['dev', 'stage', 'prod'])
    assert.deepEqual(permissions, { contents: 'read', 'id-token': 'write' })
    const { with: given = {} } = all.release.steps.at(-1) ?? {}
    assert.deepEqual(
      Object.keys(given).filter((name) => !(name in action.inputs)),
      [],
    )
    assert.ok('environment' in given && 'flags' in given)
    const runs = all.release.steps.map(({ run = '' }) => run).join('')
    assert.doesNotMatch(runs, /\$\{\{/, 'no input becomes part of a command')
  })

  it('includes the component with inputs that it has', async () => {
    const [head] = parseAllDocuments(await readFile(join(ROOT, 'templates/release.yml'), 'utf8'))
    const known = (head!.toJS() as { spec: Pick<Action, 'inputs'> }).spec.inputs
    const { include } = (await rendered('gitlab')) as unknown as { include: readonly { inputs: object }[] }
    assert.deepEqual(
      Object.keys(include[0]?.inputs ?? {}).filter((name) => !(name in known)),
      [],
    )
  })
})

type Workflow = {
  readonly on: {
    readonly workflow_dispatch: { readonly inputs: Readonly<Record<string, { readonly options?: unknown }>> }
  }
  readonly permissions: object
  readonly jobs: { readonly release: { readonly steps: readonly { readonly run?: string; readonly with?: object }[] } }
}
