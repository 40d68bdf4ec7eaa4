/** Stellwerk's own parts are killed: a rollout goes on to its end meanwhile, and what cannot be mended is an exit code. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { GUARD_LOCK, livingHolder, PRIMARY_LOCK } from '../../src/router/guard/lock.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { PATIENCE, startOwn } from './own.ts'
import { ask, startUsers } from './users.ts'

const CLI = new URL('../../bin/stellwerk.mjs', import.meta.url).pathname

/** The postmaster's id, null while there is none. */
function postmaster(dataFolder: string): number | null {
  const [file] = globSync('postgres/**/postmaster.pid', { cwd: dataFolder })
  try {
    const pid = Number(readFileSync(join(dataFolder, file ?? ''), 'utf8').split('\n')[0])
    return pid > 1 && process.kill(pid, 0) ? pid : null
  } catch {
    return null
  }
}

const PARTS: Readonly<Record<string, (dataFolder: string) => number | null>> = {
  'the embedded PostgreSQL': postmaster,
  "the router's guard": (dataFolder) => livingHolder(join(dataFolder, 'router'), GUARD_LOCK)?.pid ?? null,
  "the router's primary": (dataFolder) => livingHolder(join(dataFolder, 'router'), PRIMARY_LOCK)?.pid ?? null,
}

test('each own part is killed while traffic shifts: no request is lost, and the rollout goes on to its end', {
  timeout: 300_000,
}, async (t) => {
  const dataFolder = await temporaryFolder('own-parts')
  await chmod(dataFolder, 0o755)
  const { plane, release, reaches } = await startOwn(dataFolder)
  t.after(() => plane.tearDown())
  let url: string | null = null
  const users = startUsers(() => url)
  t.after(() => users.stop())
  const first = await release('v0')
  url = (await reaches(first, 'serving', ({ serving: [api] }) => api?.text === 'v0 100 %')).serving[0]!.url
  await reaches(first, 'finalized', ({ phase }) => phase === 'finalized')

  for (const [index, [name, pidIn]] of Object.entries(PARTS).entries()) {
    await t.test(name, async () => {
      const before = users.lost.length
      const id = await release(`v${index + 1}`)
      await reaches(id, 'half way', ({ candidate }) => candidate.weight === 50)
      const pid = pidIn(dataFolder)
      assert.ok(pid !== null, `${name} runs`)
      process.kill(pid, 'SIGKILL')
      await until(`${name} is back`, () => ![null, pid].includes(pidIn(dataFolder)), PATIENCE)
      await reaches(id, 'finalized', ({ phase }) => phase === 'finalized')
      assert.equal(await ask(undefined, url!), `v${index + 1}`)
      assert.deepEqual(users.lost.slice(before), [])
    })
  }
})

test('"up" ends with code 1 and says why when its PostgreSQL cannot be kept alive', { timeout: 240_000 }, async (t) => {
  const dataFolder = await temporaryFolder('up-ends')
  await chmod(dataFolder, 0o755)
  const args = [CLI, 'up', '--listen', '127.0.0.1:0', '--data', dataFolder]
  const up = spawn(process.execPath, args, { cwd: dataFolder, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => up.exitCode === null && up.kill('SIGKILL'))
  let told = ''
  up.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
  const exited = once(up, 'exit')
  await once(up.stdout, 'data')
  // Each time when it runs again: one that is killed while it starts is tried for two minutes.
  let kills = 0
  const kill = () => {
    const pid = postmaster(dataFolder)
    if (pid !== null && told.split('PostgreSQL runs again').length > kills) {
      process.kill(pid, 'SIGKILL')
      kills += 1
    }
    return up.exitCode !== null
  }
  await until('up has ended', kill, { timeoutMs: 180_000, everyMs: 100 })
  assert.deepEqual(await exited, [1, null])
  assert.match(told, /PostgreSQL is down and cannot be brought back.*it ended \d+ times within 10 minutes/s)
  assert.match(told, /router and instances go on without the control plane/)
})
