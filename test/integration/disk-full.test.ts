/** A full disk: a small file system of its own, which only root can make; elsewhere the tests are skipped, aloud. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/composition/clock.ts'
import { RESERVE_FILE, watchDisk } from '../../src/composition/disk.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { ask, endRouter, killRouter, load, named, put, startRouter, value, desired } from './router-world.ts'

const MIB = 2 ** 20
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A folder on a disk of `mib` MiB, or null with the reason said. */
async function smallDisk(t: TestContext, mib: number): Promise<string | null> {
  const folder = await temporaryFolder('disk')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmdirSync(folder)
    t.skip(`no file system can be mounted here: ${(error as Error).message.split('\n')[0]}`)
    return null
  }
  t.after(async () => {
    await endRouter(join(folder, 'router'))
    execFileSync('umount', ['-l', folder])
    rmdirSync(folder)
  })
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

function clear(folder: string): void {
  execFileSync('find', [folder, '-name', 'filler-*', '-delete'])
}

test('the reserve is given up before PostgreSQL fails, said, and made again when there is room', async (t) => {
  const folder = await smallDisk(t, 64)
  if (folder === null) return
  const disk = await watchDisk({ folders: [folder], clock: systemClock, log, reserveBytes: 8 * MIB })
  t.after(() => disk.stop())
  assert.equal(disk.state().level, 'ok')
  assert.equal(statSync(join(folder, RESERVE_FILE)).blocks * 512 >= 8 * MIB, true, 'real blocks, no hole')
  writeFileSync(join(folder, 'filler-low'), Buffer.alloc(44 * MIB))
  await until('it is low', () => disk.state().level === 'low')
  assert.match(disk.state().detail, /no release may begin; free some space/)
  fill(folder)
  await until('the reserve is given up', () => disk.state().level === 'full' && !existsSync(join(folder, RESERVE_FILE)))
  writeFileSync(join(folder, 'way-back'), Buffer.alloc(7 * MIB))
  rmSync(join(folder, 'way-back'))
  clear(folder)
  await until('the reserve is back', () => disk.state().level === 'ok' && existsSync(join(folder, RESERVE_FILE)))
})

test('a router alone on a full disk serves on, takes users back, and comes back after a crash', async (t) => {
  const folder = await smallDisk(t, 32)
  if (folder === null) return
  const dir = join(folder, 'router')
  mkdirSync(dir)
  const { client } = await startRouter(t, dir)
  const [blue, green] = [await named(t, 'blue'), await named(t, 'green')]
  const sides = { blue: [blue.address], green: [green.address] }
  const address = await put(client, 'app', desired(1, 50, sides))
  const traffic = load(t, address, { clients: 2, keepAlive: false, pauseMs: 10 })
  fill(folder)
  await put(client, 'app', desired(2, 0, sides))
  assert.equal((await ask(address)).body, 'blue', 'the way back was saved from the reserve')
  fill(folder)
  const { pid } = value(await client.health())
  process.kill(pid, 'SIGKILL')
  await until(
    'another primary serves',
    async () => {
      const health = await client.health()
      return health.ok && health.value.pid !== pid
    },
    { timeoutMs: 30_000 },
  )
  const view = value(await client.get('app'))
  assert.deepEqual([view.generation, view.slots.green.weight], [2, 0])
  const refused = await client.put('app', desired(3, 50, sides))
  assert.ok(!refused.ok || value(await client.get('app')).slots.green.weight === 50)
  if (!refused.ok) assert.match(refused.problem.detail, /ENOSPC.*The old state is in force.*free or mend/s)
  await traffic.stop()
  assert.deepEqual(traffic.errors, [])
  clear(folder)
  await until('a change is saved again', async () => (await client.put('app', desired(4, 50, sides))).ok)
})

test('a state that cannot be written refuses a change with the old one in force; one that cannot be read refuses to start empty', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can make a folder that another user may not write')
  const folder = await smallDisk(t, 16)
  if (folder === null) return
  const dir = join(folder, 'router')
  mkdirSync(dir)
  const router = await startRouter(t, dir)
  const blue = await named(t, 'blue')
  const address = await put(router.client, 'app', desired(1, 0, { blue: [blue.address] }))
  execFileSync('mount', ['-o', 'remount,ro', folder])
  const refused = await router.client.put('app', desired(2, 0, { blue: [blue.address] }))
  assert.ok(!refused.ok)
  assert.match(refused.problem.detail, /EROFS.*The old state is in force/s)
  assert.equal((await ask(address)).body, 'blue')
  execFileSync('mount', ['-o', 'remount,rw', folder])
  await until(
    'a change is saved again',
    async () => (await router.client.put('app', desired(3, 0, { blue: [blue.address] }))).ok,
  )
  await killRouter(router)
  chmodSync(join(dir, 'routes.json'), 0o400)
  const again = await startRouter(t, dir)
  await put(again.client, 'app', desired(4, 0, { blue: [blue.address] }))
})
