/** A full disk below a whole control plane, its PostgreSQL and its router. Only root can mount one; elsewhere skipped, aloud. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { PATIENCE, startOwn } from './own.ts'
import { ask, startUsers } from './users.ts'

const CLI = new URL('../../bin/stellwerk.mjs', import.meta.url).pathname
const MIB = 2 ** 20

async function smallDisk(t: TestContext, mib: number): Promise<string | null> {
  const folder = await temporaryFolder('disk')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmdirSync(folder)
    t.skip(`no file system can be mounted here: ${(error as Error).message.split('\n')[0]}`)
    return null
  }
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

test('on a full disk people still get in, take a release back, and are told; nothing new begins', {
  timeout: 240_000,
}, async (t) => {
  const disk = await smallDisk(t, 512)
  if (disk === null) return
  const dataFolder = join(disk, 'data')
  mkdirSync(dataFolder)
  chmodSync(dataFolder, 0o755)
  const own = await startOwn(dataFolder)
  // The disk last: what runs on it is found by what lies there.
  t.after(async () => {
    await own.plane.tearDown().finally(() => execFileSync('umount', ['-l', disk]))
    rmdirSync(disk)
  })
  const { plane, builds, call, request, release, view, reaches } = own

  let url: string | null = null
  const users = startUsers(() => url)
  t.after(() => users.stop())
  const ids: string[] = []
  for (const version of ['v1', 'v2']) {
    const id = await release(version)
    ids.push(id)
    const seen = await reaches(id, 'serving users', ({ serving: [api] }) => api?.text === `${version} 100 %`)
    url = seen.serving[0]!.url
    await reaches(id, 'finalized', ({ phase }) => phase === 'finalized')
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
  assert.match(String(status), /the reserve is released so that releases can be taken back/)
  assert.match((await call('/readiness')).text, /MiB free at/)
  const refused = await request('v3')
  assert.equal(refused.status, 503)
  assert.match(refused.text, /no release may begin now: .*free some space.*rollback and abort work/)

  const run = promisify(execFile)
  const args = [CLI, 'rollback', ids[1]!, '--reason', 'the disk is full', '--data', join(disk, 'elsewhere')]
  const env = { ...process.env, STELLWERK_URL: plane.url, STELLWERK_TOKEN: plane.localToken }
  await run(process.execPath, args, { cwd: builds, env, timeout: 90_000 })
  assert.equal((await view(ids[1]!))?.phase, 'rolled-back')
  assert.equal(await ask(undefined, url!), 'v1')

  execFileSync('find', [disk, '-maxdepth', '1', '-name', 'filler-*', '-delete'])
  await until('all is well again', async () => (await call('/readiness')).status === 200, PATIENCE)
  await users.stop()
  assert.deepEqual(users.lost, [])
})
