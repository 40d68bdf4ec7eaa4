import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run, RunEnd, RunRequest } from '../../../ports/adapter.ts'
import { failure, ok } from '../../../ports/result.ts'
import { command } from './command.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { contextOf } from '../fixture.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { gateContract, type Given } from '../../../testing/gate-contract.ts'

const OPTIONS = command.options.parse({ kind: 'command', run: 'node check.js' })
const EXITED = { how: 'exited', code: 0, signal: null, output: '', durationMs: 1 } as const

async function checkBy(run: Run, options = OPTIONS) {
  return (await command.create(options, adapterContext({ run }))).check(contextOf())
}

function check(end: Partial<RunEnd>, options = OPTIONS) {
  return checkBy(async () => ok({ ...EXITED, ...end }), options)
}

test('exit 0 passes, 1 fails, and every other end is no evidence', async () => {
  assert.equal((await check({ code: 0 })).outcome, 'pass')
  assert.equal((await check({ code: 1 })).outcome, 'fail')
  for (const end of [
    { code: 2 },
    { code: 127 },
    { code: -1 },
    { code: null, signal: 'SIGKILL' },
    { how: 'timed-out', code: 0 },
    { how: 'aborted', code: 1 },
  ] as const) {
    assert.equal((await check(end)).outcome, 'no-evidence', JSON.stringify(end))
  }
})

test('a command that cannot be started is no evidence', async () => {
  const verdict = await checkBy(async () => failure('permanent', '`node` cannot be started'))
  assert.deepEqual([verdict.outcome, verdict.actual], ['no-evidence', '`node` cannot be started'])
})

test('the verdict says how it ended and the last line it wrote', async () => {
  assert.equal(
    (await check({ code: 1, output: 'looking\ncoverage is 71 %\n' })).actual,
    'exit code 1: coverage is 71 %',
  )
  assert.equal((await check({ how: 'timed-out', code: null })).actual, 'did not end in time')
  assert.equal((await check({ code: null, signal: 'SIGSEGV' })).actual, 'was ended by SIGSEGV')
  assert.equal((await check({ code: 1 })).text, 'Gate "node check.js" failed: exit code 1.')
  const named = await check({}, { ...OPTIONS, name: 'Coverage' })
  assert.equal(named.text, 'Gate "Coverage" passed: exit code 0.')
})

test('it runs for one component, with a time limit and an environment that names the release', async () => {
  const seen: RunRequest[] = []
  const run: Run = async (request) => {
    seen.push(request)
    return ok(EXITED)
  }
  await checkBy(run, { ...OPTIONS, component: 'worker', timeoutMs: 5000 })
  await checkBy(run)
  assert.deepEqual(
    seen.map(({ beside, timeLimitMs }) => [beside?.ref, timeLimitMs]),
    [
      ['/builds/worker', 5000],
      ['/builds/api', 60_000],
    ],
  )
  assert.deepEqual(seen[0]!.environment, {
    LOG_LEVEL: 'info',
    STELLWERK_SERVICE: 'lokaltreu',
    STELLWERK_COMPONENT: 'worker',
    STELLWERK_ENVIRONMENT: 'dev',
    STELLWERK_VERSION: 'v1.4.0',
    STELLWERK_COMMIT: 'b'.repeat(40),
  })
})

test('a component that is not in the plan is no evidence', async () => {
  const verdict = await check({}, { ...OPTIONS, component: 'web' })
  assert.deepEqual([verdict.outcome, verdict.actual], ['no-evidence', 'this plan has no component "web"'])
})

adapterKeys({
  port: 'gate',
  kind: 'command',
  written: { run: 'node check.js', component: 'api' },
  keys: {
    run: ['node other.js'],
    folder: ['checks'],
    component: ['web'],
    secrets: [['TOKEN']],
    name: ['check'],
    timeout: ['2m'],
  },
})

adapterContract({
  adapter: command,
  written: { run: 'node check.js', name: 'Coverage', secrets: ['TOKEN'], timeout: '30s' },
  context: adapterContext(),
})

const exit = (code: number): Given => ({ context: { run: async () => ok({ ...EXITED, code }) } })

gateContract({
  name: 'command',
  create: (context) => command.create(OPTIONS, context),
  asked: contextOf(),
  pass: exit(0),
  fail: exit(1),
  unknown: exit(2),
})
