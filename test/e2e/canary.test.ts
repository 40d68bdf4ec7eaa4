/**
 * Secrets are planted wherever a service, a check or a command can repeat them; then everything that is kept, answered,
 * sent or printed is searched for them (law L11).
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RolloutView } from '../../src/core/views.ts'
import { type CliRun, startCli } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { endProcessesOf } from './support/processes.ts'

const PLAIN = `Zq8v"Lk3n/Tf W&x+9?'Rm2p`
const KEY = `-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqCanary1xVbNmQwErTyUiOp\nAsDfGhJkLzXcVbCanary2NmQwErTyUiOpAsDfG\n-----END PRIVATE KEY-----\n`
const DATABASE = 'postgres://shop:pgCanaryPassword77@db.internal:5432/shop'

/** What must be nowhere: pieces that say enough, of every spelling. */
function canaries(hook: string): readonly string[] {
  const middle = (text: string) => text.slice(4, -4)
  const base64 = ['', 'u', 'us'].map((before) => middle(Buffer.from(before + PLAIN).toString('base64')))
  const urlSafe = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  return [
    middle(PLAIN),
    JSON.stringify(middle(PLAIN)).slice(1, -1),
    encodeURIComponent(middle(PLAIN)),
    Buffer.from(middle(PLAIN)).toString('hex'),
    ...base64,
    ...urlSafe,
    'Canary1xVbNm',
    'Canary2NmQw',
    Buffer.from(KEY).toString('base64').slice(20, 50),
    'pgCanaryPassword77',
    hook,
  ]
}

/** Prints its secrets in every way it can: at the start, in answers, before it dies. */
const SERVER = `
const { createServer } = require('node:http')
const { execFileSync } = require('node:child_process')
const { PLAIN, KEY, DATABASE_URL, PORT, STELLWERK_VERSION: version } = process.env
const all = [PLAIN, KEY, DATABASE_URL, JSON.stringify({ PLAIN, KEY, DATABASE_URL }), encodeURIComponent(PLAIN),
  Buffer.from(PLAIN).toString('hex'), ...['', 'u', 'us'].flatMap((b) => [Buffer.from(b + PLAIN).toString('base64'), Buffer.from(b + PLAIN).toString('base64url')]),
  Buffer.from(KEY).toString('base64').replace(/(.{76})/g, '$1\\n')].join('\\n')
console.log('started\\0 ' + all)
console.error('\\x1b[31m' + all + '\\x1b[0m')
process.stdout.write('x'.repeat(16380) + PLAIN + '\\n')
if (version === 'v2') { console.error('dying with ' + all); process.exit(3) }
const began = Date.now()
createServer((request, response) => {
  if (request.url === '/say') console.log('again ' + all)
  if (request.url === '/ready' && Date.now() < began + 1500) response.statusCode = 503
  if (request.url === '/check' && version === 'v3') response.statusCode = 500
  response.end(request.url === '/ready' || version === 'v3' ? 'z'.repeat(150) + all : 'ok')
}).listen(PORT, '127.0.0.1')
`
const SAY = `echo "all of it: $PLAIN $DATABASE_URL"; echo "$KEY"; printf %s "$PLAIN" | base64; printf %s "$KEY" | base64; echo "$PLAIN"\n`

const SPEC = `service: shop
components:
  api:
    health: { live: /live, ready: /ready }
    platform: { kind: process, command: node server.js, stopGrace: 1s }
    router: { kind: embedded, listen: "127.0.0.1:0" }
    secrets:
      PLAIN: { kind: env, name: SHOP_PLAIN }
      KEY: { kind: file, path: key.pem }
      DATABASE_URL: { kind: env, name: SHOP_DATABASE }
rollout: { steps: [50%, 100%], hold: 2s, bake: 1s, tick: 500ms, poll: 200ms, minRequests: 0, rollbackWindow: 10m, limits: { start: 15s, smoke: 10s } }
analysis:
  - { metric: readiness-flapping, max: 50%, trigger: { above: 90%, for: 3s } }
migrations: { kind: command, component: api, expand: sh say.sh, down: sh say.sh }
smoke:
  - { http: GET /check, component: api, expect: { status: 200 }, headers: { Authorization: { secret: PLAIN } } }
rollback: { watch: 1s, mitigate: [{ run: sh say.sh, component: api }] }
secrets: { HOOK: { kind: env, name: SHOP_HOOK } }
notify:
  - { on: "*", to: { kind: webhook, url: { secret: HOOK } } }
environments:
  dev:
    gates: [{ kind: command, run: sh say.sh, folder: ops, secrets: [PLAIN, KEY, DATABASE_URL] }]
`

test('no secret of an environment stands in any file, row, export, message, answer or line on a terminal', async (t) => {
  const folder = await temporaryFolder('canary')
  // The database's user has to pass, so that the database is where it is looked for.
  await chmod(folder, 0o711)
  const told: string[] = []
  const receiver = createServer(async (request, response) => {
    for await (const part of request) told.push(String(part))
    response.statusCode = told.length % 3 === 0 ? 500 : 204
    response.end()
  }).listen(0, '127.0.0.1')
  await until('the receiver', () => receiver.listening)
  const hook = 'T0canaryB1hookToken2345'
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/services/${hook}`
  for (const version of ['v1', 'v2', 'v3', 'v4']) {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'server.js'), `// ${version}${SERVER}`)
    await writeFile(join(folder, version, 'say.sh'), SAY)
  }
  await mkdir(join(folder, 'ops'))
  await writeFile(join(folder, 'ops/say.sh'), SAY)
  await writeFile(join(folder, 'stellwerk.yaml'), SPEC)
  await writeFile(join(folder, 'key.pem'), KEY, { mode: 0o600 })
  const printed: string[] = []
  const env = { SHOP_PLAIN: PLAIN, SHOP_DATABASE: DATABASE, SHOP_HOOK: url, CI: 'true', HOME: folder }
  const ups: CliRun[] = []
  const up = async () => {
    const run = startCli(['up', '--listen', '127.0.0.1:0', '--log-level', 'debug'], { cwd: folder, env })
    ups.push(run)
    await until('the control plane', () => /control plane at/.test(run.stdout()), { timeoutMs: 60_000 })
  }
  const down = async () => {
    const run = ups.at(-1)!
    run.child.kill('SIGTERM')
    await run.ended
  }
  const cli = async (...args: string[]) => {
    const ended = await startCli(args, { cwd: folder, env: { CI: 'true' } }).ended
    printed.push(`$ ${args.join(' ')}\n${ended.stdout}${ended.stderr}`)
    return ended
  }
  t.after(async () => {
    if (ups.at(-1)?.child.exitCode === null) await down()
    await endProcessesOf(folder)
    receiver.close()
    await rm(folder, { recursive: true, force: true })
  })
  await up()
  const pin = ['artifact', 'pin', '--commit', 'c'.repeat(40), '--build-url', 'https://ci.example.com/1']
  for (const version of ['v1', 'v2', 'v3', 'v4'])
    await cli(...pin, '--version', version, '--component', `api=./${version}`)
  const deploy = (version: string, ...more: string[]) =>
    cli('deploy', '-e', 'dev', '--artifact', version, '--yes', ...more)

  assert.equal((await deploy('v1')).code, 0, printed.join('\n'))
  const crashed = await deploy('v2')
  assert.notEqual(crashed.code, 0)
  assert.match(
    crashed.stderr,
    /The last lines of api v2 .*it ended with exit code 3/s,
    'people see what it said, without the secrets',
  )
  assert.notEqual((await deploy('v3')).code, 0, 'its smoke test failed')

  // Another control plane that has read no secret yet, and another supervisor that was never given one.
  await down()
  await endSupervisors(folder)
  await up()
  await deploy('v4', '--no-wait')
  const rollouts = async () =>
    JSON.parse(`[${(await cli('list', '--json')).stdout.trim().replaceAll('\n', ',')}]`) as RolloutView[]
  const v4 = await until(
    'v4 to take users',
    async () => {
      const found = (await rollouts()).find(({ version }) => version === 'v4')
      return found && found.candidate.weight > 0 ? found : null
    },
    { timeoutMs: 60_000 },
  )
  await sayAgain(folder)
  await cli('rollback', v4!.id, '--reason', 'to have it mitigated')
  const ended = await cli('watch', v4!.id, '--json')
  assert.equal(ended.code, 5, ended.stderr)

  const all = await rollouts()
  for (const { id } of all) {
    assert.ok((await cli('logs', id, '-n', '5000')).stdout.includes('started␀ [redacted]'), `${id} has lines`)
    await cli('watch', id)
    await cli('audit', 'show', id)
  }
  for (const args of [['status'], ['status', '--json'], ['audit', 'export']]) await cli(...args)
  const answers = await httpAnswers(
    folder,
    all.map(({ id }) => id),
  )
  await down()
  const places: readonly (readonly [string, string])[] = [
    ...printed.map((text, index) => [`terminal ${index}: ${text.slice(0, 60)}`, text] as const),
    ...ups.map((run, index) => [`output of up ${index}`, run.stdout() + run.stderr()] as const),
    ...told.map((text, index) => [`message ${index}`, text] as const),
    ...answers,
    ...(await filesBelow(join(folder, '.stellwerk'))),
  ]
  assert.ok(told.length >= 4, 'messages were sent')
  assert.ok(
    places.some(([name]) => name.includes('/postgres/')),
    'the database is looked through',
  )
  const found = canaries(hook).flatMap((canary) =>
    places
      .filter(([, text]) => text.includes(canary))
      .map(([name, text]) => {
        const at = text.indexOf(canary)
        return `${canary} in ${name}: …${text.slice(Math.max(0, at - 60), at + 60)}…`
      }),
  )
  assert.deepEqual(found, [])
})

async function endSupervisors(folder: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes('process/supervisor.') && line.includes(folder)) process.kill(Number(pid), 'SIGKILL')
  }
}

/** Has every instance repeat its secrets once more. */
async function sayAgain(folder: string): Promise<void> {
  const records = execFileSync('find', [join(folder, '.stellwerk/slots'), '-name', 'slot.json'], { encoding: 'utf8' })
  for (const path of records.trim().split('\n')) {
    const { instances } = JSON.parse(await readFile(path, 'utf8')) as { instances: { port: number }[] }
    for (const { port } of instances) await fetch(`http://127.0.0.1:${port}/say`).catch(() => null)
  }
}

async function httpAnswers(folder: string, ids: readonly string[]) {
  const data = join(folder, '.stellwerk')
  const { url } = JSON.parse(await readFile(join(data, 'control-plane.json'), 'utf8')) as { url: string }
  const token = (await readFile(join(data, 'local-token'), 'utf8')).trim()
  const each = ids.flatMap((id) => [
    `/rollouts/${id}`,
    `/rollouts/${id}/events?limit=1000`,
    `/rollouts/${id}/logs?lines=5000`,
  ])
  const paths = ['/rollouts', '/status', '/audit/export', ...each].map((path) => `/api/v1${path}`)
  const answers = [...paths, '/metrics', '/readiness', '/health'].map(async (path) => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
    return [`GET ${path}`, await answer.text()] as const
  })
  return Promise.all(answers)
}

async function filesBelow(top: string) {
  const entries = await readdir(top, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('compile-cache'))
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, (await readFile(path).catch(() => Buffer.alloc(0))).toString('latin1')] as const
    }),
  )
}
