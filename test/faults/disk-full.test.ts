/** A full disk below a whole control plane, its PostgreSQL and its router. Only root can mount one; elsewhere skipped, aloud. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { type RunningControlPlane, startControlPlane } from '../../src/control-plane/start.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { buildService, specOf } from './service.ts'
import { ask, startUsers } from './users.ts'

const CLI = new URL('../../bin/stellwerk.mjs', import.meta.url).pathname
const MIB = 2 ** 20
const PATIENCE = { timeoutMs: 60_000, everyMs: 200 }

async function smallDisk(t: TestContext, mib: number): Promise<string | null> {
  const folder = await temporaryFolder('disk')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    t.skip(`no file system can be mounted here: ${(error as Error).message.split('\n')[0]}`)
    return null
  }
  t.after(() => execFileSync('umount', ['-l', folder]))
  return folder
}

/** Takes every block there is. */
function fill(folder: string): void {
  for (const size of [4 * MIB, 65_536, 4096]) {
    try {
      for (let n = 0; ; n++) writeFileSync(join(folder, `filler-${size}-${n}`), Buffer.alloc(size))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
}

function caller({ url, localToken }: Pick<RunningControlPlane, 'url' | 'localToken'>) {
  return async (path: string, body?: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${localToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text() }
  }
}

test('on a full disk people still get in, take a release back, and are told; nothing new begins', {
  timeout: 240_000,
}, async (t) => {
  const disk = await smallDisk(t, 512)
  if (disk === null) return
  const dataFolder = join(disk, 'data')
  mkdirSync(dataFolder)
  chmodSync(dataFolder, 0o755)
  const builds = await temporaryFolder('builds')
  chmodSync(builds, 0o755)
  const plane = await startControlPlane({
    dataFolder,
    databaseUrl: null,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    progress: () => undefined,
  })
  t.after(() => plane.tearDown())
  const call = caller(plane)
  const request = async (version: string) => {
    const artifact = await buildService(builds, version, 'good')
    const spec = { text: specOf('shop', { startLimit: '60s' }), file: 'stellwerk.yaml', folder: builds }
    return call('/api/v1/rollouts', { spec, environment: 'prod', artifact, flags: {} })
  }
  const view = async (id: string) => JSON.parse((await call(`/api/v1/rollouts/${id}`)).text) as RolloutView

  let url: string | null = null
  const users = startUsers(() => url)
  t.after(() => users.stop())
  const ids: string[] = []
  for (const version of ['v1', 'v2']) {
    const asked = await request(version)
    assert.equal(asked.status < 300, true, asked.text)
    const { id } = JSON.parse(asked.text) as RolloutView
    ids.push(id)
    const told = async (error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(await view(id), null, 1)}`)
    }
    await until(
      `${id} serves users`,
      async () => {
        const { serving } = await view(id)
        url = serving[0]?.text === `${version} 100 %` ? serving[0].url : url
        return url !== null
      },
      PATIENCE,
    ).catch(told)
    await until(`${id} is final`, async () => (await view(id)).final, PATIENCE).catch(told)
    const { phase, reason } = await view(id)
    assert.equal(phase, 'finalized', reason ?? '')
  }

  fill(disk)
  await until('readiness says so', async () => (await call('/readiness')).status === 503, PATIENCE)
  // PostgreSQL may have run into it before the reserve was given up; it comes back by itself.
  const status = await until(
    'status says so',
    async () => {
      const seen = await call('/api/v1/status')
      return seen.status === 200 && seen.text
    },
    PATIENCE,
  )
  assert.match(String(status), /the reserve is given up so that releases can be taken back/)
  assert.match((await call('/readiness')).text, /MiB free at/)
  const refused = await request('v3')
  assert.equal(refused.status, 503)
  assert.match(refused.text, /no release may begin now: .*free some space.*rollback and abort work/)

  const run = promisify(execFile)
  const args = [CLI, 'rollback', ids[1]!, '--reason', 'the disk is full', '--data', join(disk, 'elsewhere')]
  const env = { ...process.env, STELLWERK_URL: plane.url, STELLWERK_TOKEN: plane.localToken }
  await run(process.execPath, args, { cwd: builds, env, timeout: 90_000 })
  assert.equal((await view(ids[1]!)).phase, 'rolled-back')
  assert.equal(await ask(undefined, url!), 'v1')

  execFileSync('find', [disk, '-maxdepth', '1', '-name', 'filler-*', '-delete'])
  await until('all is well again', async () => (await call('/readiness')).status === 200, PATIENCE)
  await users.stop()
  assert.deepEqual(users.lost, [])
})
