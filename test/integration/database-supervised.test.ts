/** The embedded PostgreSQL dies under a control plane's parts: it is started again, and each of them finds it by itself. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { claimDatabase } from '../../src/composition/alone.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { openDatabase, type RunningDatabase } from '../../src/composition/database.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

const ends: (() => Promise<unknown>)[] = []
after(async () => {
  for (const end of ends.toReversed()) await end().catch(() => undefined)
})

async function opened() {
  const dataFolder = await temporaryFolder('supervised')
  await chmod(dataFolder, 0o755)
  ends.push(() => rm(dataFolder, { recursive: true, force: true }))
  const said: string[] = []
  const say = (message: string) => void said.push(message)
  const log = { info: say, warn: say, error: say }
  let lost: Error | null = null
  const onLost = (error: Error) => {
    lost = error
  }
  const clock = systemClock
  const none = { databaseUrl: null, migrationUrl: null }
  const database = await openDatabase({ ...none, dataFolder, progress: () => undefined, clock, log, onLost })
  ends.push(() => database.stop())
  return { database, dataFolder, said, log, onLost, lost: () => lost as Error | null }
}

async function postmasterOf({ home }: RunningDatabase): Promise<number> {
  return Number((await readFile(join(home!, 'data/postmaster.pid'), 'utf8')).split('\n')[0])
}

test('killed twice under a store, a listener, a queue and a lock: all work again, and no event is lost', async () => {
  const { database, said, log, onLost, lost } = await opened()
  const { connectionString, migrationUrl } = database
  const claimed = await claimDatabase({ connectionString, isReplica: false, clock: systemClock, log, onLost })
  ends.push(() => claimed.stop())
  const store = await openPostgresStore({ connectionString, migrationUrl })
  ends.push(() => store.close())
  const queue = pgBossQueue({ connectionString, store, log: () => undefined })
  await queue.start()
  ends.push(() => queue.stop(1000))
  const done: string[] = []
  await queue.work('command', 2, async ({ data }) => void done.push(JSON.stringify(data)))
  let heard = 0
  const quiet = await store.listen(() => heard++)
  ends.push(quiet)
  let stored = 0
  const append = async () => {
    const event = { type: 'Noted', data: { number: stored + 1 }, actor: 'system:test' }
    await store.transact(async (tx) => tx.append('notes', stored, [event]))
    stored++
  }
  await append()
  for (const round of [1, 2]) {
    const before = await postmasterOf(database)
    process.kill(before, 'SIGKILL')
    await until(
      'it runs again',
      async () => {
        const now = await postmasterOf(database).catch(() => before)
        return now !== before && store.size().then(Boolean, () => false)
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
    heard = 0
    await until(
      'an event can be appended',
      () =>
        append().then(
          () => true,
          () => false,
        ),
      { everyMs: 100 },
    )
    await until('the listener hears of it', () => heard > 0, { timeoutMs: 20_000 })
    await queue.insert([{ queue: 'command', data: { stream: 'notes', version: round } } as never])
    await until('the queue works again', () => done.length >= round, { timeoutMs: 30_000 })
  }
  assert.equal((await store.read('notes')).length, stored)
  assert.equal(lost(), null)
  assert.equal(said.filter((line) => line.startsWith('PostgreSQL has ended by itself')).length, 2)
})

test('a pid file with the number of another program is no database, also where that one names the data folder', async (t) => {
  const { database, dataFolder } = await opened()
  const file = join(database.home!, 'data/postmaster.pid')
  await database.stop()
  const strangers: ChildProcess[] = []
  t.after(() => strangers.forEach((child) => child.kill('SIGKILL')))
  for (const args of [
    ['-e', 'setInterval(() => {}, 1000)'],
    ['-e', 'setInterval(() => {}, 1000)', join(database.home!, 'data'), 'postgres'],
  ]) {
    const stranger = spawn(process.execPath, args, { stdio: 'ignore', cwd: '/' })
    strangers.push(stranger)
    await writeFile(
      file,
      `${stranger.pid}\n${join(database.home!, 'data')}\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready\n`,
    )
    const lines: string[] = []
    const again = await startEmbedded({ folder: join(dataFolder, 'postgres'), log: (line) => lines.push(line) })
    assert.equal(again.isOurs, true)
    assert.match(
      lines.join('\n'),
      new RegExp(`process ${stranger.pid} of .*postmaster\\.pid is another program by now`),
    )
    await again.stop()
    assert.equal(stranger.exitCode, null, 'the stranger lives on')
  }
})
