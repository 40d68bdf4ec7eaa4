import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { allowedEnvironment } from './run.ts'
import { groupMembers } from './process-group.ts'
import { type CommandRun, runCommand } from './run.ts'

function run(script: string, more: Partial<CommandRun> = {}) {
  return runCommand({
    argv: [process.execPath, '-e', script],
    folder: tmpdir(),
    environment: {},
    timeLimitMs: 10_000,
    secrets: [],
    signal: new AbortController().signal,
    ...more,
  })
}

async function ended(script: string, more: Partial<CommandRun> = {}) {
  const result = await run(script, more)
  assert.ok(result.ok, result.ok ? '' : result.message)
  return result.value
}

test('answers exit code and output of both streams', async () => {
  const end = await ended('console.log("out"); console.error("err"); process.exitCode = 3')
  assert.equal(end.how, 'exited')
  assert.equal(end.code, 3)
  assert.match(end.output, /out\n/)
  assert.match(end.output, /err\n/)
})

test('gives the program the named environment and nothing of ours', async () => {
  const end = await ended('console.log(Object.keys(process.env).join())', { environment: { ONLY: 'this' } })
  assert.deepEqual(end.output.trim().split(',').toSorted(), ['ONLY', 'STELLWERK_COMMAND'])
  assert.deepEqual(allowedEnvironment({ PATH: '/bin', AWS_SECRET: 'x', TZ: undefined }), { PATH: '/bin' })
})

test('keeps the tail of a long output, and no part of a secret at the cut', async () => {
  const secret = 'abcdefghij-klmnopqrst-uvwxyz'
  const script = `process.stdout.write(${JSON.stringify(`${secret} `)}.repeat(5000) + 'the end')`
  const end = await ended(script, { secrets: [secret], outputLimit: 300 })
  assert.match(end.output, /the end$/)
  assert.ok(end.output.length <= 301, String(end.output.length))
  assert.doesNotMatch(end.output, /abcdefghij/)
  assert.match(end.output, /^…/)
})

test('takes secrets out of the output', async () => {
  const end = await ended('console.log("password is " + process.env.PW)', {
    environment: { PW: 'correct horse' },
    secrets: ['correct horse'],
  })
  assert.equal(end.output, 'password is [redacted]\n')
})

test('ends the whole group when the time is up, also one that ignores SIGTERM', async () => {
  const child = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`
  const script = `
    const { spawn } = require("node:child_process")
    process.on("SIGTERM", () => {})
    spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })
    console.log(process.pid)
    setInterval(() => {}, 1000)`
  const end = await ended(script, { timeLimitMs: 500, graceMs: 100 })
  assert.equal(end.how, 'timed-out')
  assert.equal(end.signal, 'SIGKILL')
  assert.deepEqual(groupMembers(Number(end.output.trim())), [])
})

test('leaves nothing of a program behind that ended by itself', async () => {
  const script = `
    require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })
    console.log(process.pid)
    process.exit(0)`
  const end = await ended(script)
  assert.equal(end.code, 0)
  assert.deepEqual(groupMembers(Number(end.output.trim())), [])
})

test('ends the program when the order is aborted', async () => {
  const abort = new AbortController()
  const running = ended('setInterval(() => {}, 1000)', { signal: abort.signal })
  abort.abort()
  assert.equal((await running).how, 'aborted')
})

test('does not start anything for an order whose time is up', async () => {
  const result = await run('0', { signal: AbortSignal.abort() })
  assert.equal(result.ok, false)
})

test('says what cannot be started', async () => {
  const result = await run('', { argv: ['no-such-program-anywhere'] })
  assert.ok(!result.ok)
  assert.equal(result.kind, 'permanent')
  assert.match(result.message, /`no-such-program-anywhere` cannot be started.*not found.*PATH/)
})
