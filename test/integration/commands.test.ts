/** Commands of a spec (gates, migrations, mitigation): in which folder, with what, and as whom they run. */
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createArtifactStore } from '../../src/adapters/artifact-store/store.ts'
import { createRedaction } from '../../src/adapters/command/redact.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { silent } from '../../src/ports/log.ts'
import { createAdapters } from '../../src/composition/adapters.ts'
import { compileInto } from '../../src/composition/compile.ts'
import type { PlannedRollout } from '../../src/engine/control-plane.ts'
import { instant } from '../../src/core/time.ts'
import { order } from '../../src/testing/platform-contract.ts'

const isRoot = process.getuid?.() === 0
const SIGNAL = new AbortController().signal
const SECRET = 'correct horse battery staple'

const SPEC = `service: shop
components:
  api:
    platform: { kind: process, command: node server.js }
    router: { kind: embedded, listen: "127.0.0.1:8080" }
    variables: { MODE: careful }
    secrets: { TOKEN: { kind: env, name: SHOP_TOKEN }, OTHER: { kind: env, name: SHOP_OTHER } }
smoke:
  - { http: GET /, component: api, expect: { status: 200 } }
analysis:
  - { metric: readiness-flapping, max: 1%, trigger: { above: 5%, for: 5m } }
rollback: { mitigate: [{ run: "sh who.sh", component: api }] }
environments:
  dev:
    gates: [GATE]
`

async function given(context: TestContext, gate: string, environment: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-commands-'))
  await chmod(folder, 0o711)
  context.after(() => rm(folder, { recursive: true, force: true }))
  const [repository, built, dataFolder] = ['repository', 'built', 'data'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await mkdir(join(repository, 'ops'), { recursive: true })
  await mkdir(built)
  await mkdir(dataFolder, { mode: 0o711 })
  await writeFile(join(dataFolder, 'key'), 'the key of the control plane', { mode: 0o600 })
  await writeFile(join(built, 'check.sh'), 'echo the artifact judges itself; exit 0\n')
  await writeFile(join(built, 'who.sh'), 'echo "I am $(id -u), key: $(cat $KEY 2>&1)"; echo "$TOKEN"\n')
  const digest = await createArtifactStore(join(dataFolder, 'artifacts')).takeOver(built, SIGNAL)
  assert.ok(digest.ok)
  const artifact = {
    version: 'v1',
    commit: 'a'.repeat(40),
    buildUrl: 'https://ci.example.com/1',
    authors: [],
    components: { api: { ref: built, digest: digest.value } },
  }
  const redaction = createRedaction()
  const env = { PATH: process.env['PATH'], SHOP_TOKEN: SECRET, SHOP_OTHER: 'another secret', ...environment }
  const adapters = createAdapters({
    dataFolder,
    environment: env,
    clock: systemClock,
    log: silent,
    redaction,
    records: { rehearsals: async () => [] },
  })
  const plan = () =>
    compileInto(dataFolder)({
      spec: { text: SPEC.replace('GATE', gate), file: 'stellwerk.yaml', folder: repository },
      environment: 'dev',
      artifact,
      flags: {},
    })
  const check = async ({ plan }: PlannedRollout) => {
    const [planned] = plan.gates
    return adapters.gate(plan, planned!).check({ plan, gate: planned!, stable: null, now: instant(1), signal: SIGNAL })
  }
  return { folder, repository, built, dataFolder, adapters, plan, check, script: join(repository, 'ops/check.sh') }
}

async function planned(answer: ReturnType<Awaited<ReturnType<typeof given>>['plan']>): Promise<PlannedRollout> {
  const found = await answer
  assert.ok(found.ok, found.ok ? '' : `${found.message} ${JSON.stringify(found.problems)}`)
  return found.value
}

const GATE = '{ kind: command, run: sh check.sh, folder: ops, secrets: [TOKEN], timeout: 30s }'

test('[R-B21] a command gate runs the script that was planned, with the variables and the secrets it names', async (t) => {
  const world = await given(t, GATE)
  await writeFile(world.script, 'echo "$MODE ${#TOKEN} [$OTHER] $(ls $STELLWERK_ARTIFACT | tr "\\n" " ")"; exit 1\n')
  const rollout = await planned(world.plan())
  await writeFile(world.script, 'echo changed after it was planned; exit 0\n')
  const verdict = await world.check(rollout)
  assert.equal(verdict.outcome, 'fail', verdict.actual)
  assert.equal(verdict.actual, `exit code 1: careful ${SECRET.length} [] check.sh who.sh`)
  assert.deepEqual(await readdir(join(world.dataFolder, 'workplaces')).catch(() => []), [], 'nothing is left')
  const again = await planned(world.plan())
  assert.notEqual(again.planHash, rollout.planHash, 'another script is another plan')
  assert.equal((await world.check(again)).outcome, 'pass')
})

test('a gate that prints its secret does so in vain', async (t) => {
  const world = await given(t, GATE)
  await writeFile(world.script, 'printf "%s" "$TOKEN" | base64; echo "token $TOKEN"; exit 1\n')
  const verdict = await world.check(await planned(world.plan()))
  assert.equal(verdict.actual, 'exit code 1: token [redacted]')
})

test('the script of a gate never comes from the artifact that it judges', async (t) => {
  const world = await given(t, '{ kind: command, run: sh check.sh }')
  const verdict = await world.check(await planned(world.plan()))
  assert.equal(verdict.outcome, 'no-evidence', verdict.actual)
  assert.match(verdict.actual, /exit code 127|exit code 2/)
})

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['{ kind: command, run: ./check.sh }', /in no folder.*add folder: ops/],
  ['{ kind: command, run: sh a.sh, folder: /etc }', /a folder below the one of stellwerk\.yaml/],
  ['{ kind: command, run: sh a.sh, folder: ../up }', /a folder below the one of stellwerk\.yaml/],
  ['{ kind: command, run: sh a.sh, folder: ops/../../up }', /a folder below the one of stellwerk\.yaml/],
  ['{ kind: command, run: sh a.sh, folder: nowhere }', /nowhere of the gate command cannot be read.*ENOENT/],
  ['{ kind: command, run: sh a.sh, folder: out }', /leads out of the folder of stellwerk\.yaml/],
  ['{ kind: command, run: sh a.sh, folder: ops, secrets: [TOKN] }', /the secret "TOKN".*did you mean "TOKEN"/],
]

for (const [gate, message] of REFUSED) {
  test(`refuses the gate ${gate} when it is planned`, async (t) => {
    const world = await given(t, gate)
    const { symlink } = await import('node:fs/promises')
    await symlink('/etc', join(world.repository, 'out'))
    const answer = await world.plan()
    assert.ok(!answer.ok)
    assert.match(`${answer.message} ${answer.problems.map((each) => each.message).join()}`, message)
  })
}

test('commands cannot read the files of the control plane where it is root', { skip: !isRoot }, async (t) => {
  const world = await given(t, GATE)
  await writeFile(
    world.script,
    `echo "uid $(id -u) groups $(id -G) key $(cat ${world.dataFolder}/key 2>&1) store $(ls ${world.dataFolder}/artifacts 2>&1) env $(cat /proc/$PPID/environ 2>&1)"; touch $HOME/x $TMPDIR/y && exit 1\n`,
  )
  const verdict = await world.check(await planned(world.plan()))
  assert.match(
    verdict.actual,
    /^exit code 1: uid 6\d{4} groups 6\d{4} key cat: .*Permission denied store ls: .*denied env .*denied/,
  )
  const { plan } = await planned(world.plan())
  const environment = { TOKEN: SECRET, KEY: `${world.dataFolder}/key` }
  const setting = { artifact: plan.components[0]!.artifact, environment, secrets: [SECRET] }
  const ran = await world.adapters.run(plan, plan.mitigate[0]!, setting, order())
  assert.ok(ran.ok, ran.ok ? '' : ran.message)
  assert.match(ran.value.output, /^I am 6\d{4}, key: .*Permission denied\n\[redacted\]\n$/)
})

test('commands run as the user that is named, and one that is not there is said', { skip: !isRoot }, async (t) => {
  const named = await given(t, GATE, { STELLWERK_COMMAND_USER: '61999' })
  await writeFile(named.script, 'echo "uid $(id -u)"; exit 1\n')
  assert.equal((await named.check(await planned(named.plan()))).actual, 'exit code 1: uid 61999')
  const root = await given(t, GATE, { STELLWERK_COMMAND_USER: 'root' })
  await writeFile(root.script, 'echo "uid $(id -u)"; exit 1\n')
  assert.equal((await root.check(await planned(root.plan()))).actual, 'exit code 1: uid 0')
  const unknown = await given(t, GATE, { STELLWERK_COMMAND_USER: 'nobody-of-that-name' })
  await writeFile(unknown.script, 'exit 0\n')
  const verdict = await unknown.check(await planned(unknown.plan()))
  assert.equal(verdict.outcome, 'no-evidence')
  assert.match(verdict.actual, /STELLWERK_COMMAND_USER: this machine has no user "nobody-of-that-name".*useradd/)
})

test('what a command starts and leaves behind is ended with it, wherever it went', async (t) => {
  const world = await given(t, GATE)
  const wait = 'while [ "$(pgrep -f "sleep 100[78]" | wc -l)" -lt 2 ]; do :; done'
  await writeFile(
    world.script,
    `setsid sh -c "sleep 1007 & exec sleep 1008" >/dev/null 2>&1 & ${wait}; echo both run; exit 1\n`,
  )
  const verdict = await world.check(await planned(world.plan()))
  assert.equal(verdict.actual, 'exit code 1: both run')
  const left = (await readdir('/proc')).filter((pid) => /^\d+$/.test(pid))
  const { readFileSync } = await import('node:fs')
  const lines = left.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  })
  assert.deepEqual(
    lines.filter((line) => line.includes('sleep\u0000100')),
    [],
  )
})
