/** A data folder of before there were roles: a superuser worked in it, and owned everything. */
import assert from 'node:assert/strict'
import { chmod, mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import type { JobQueue } from '../../src/ports/job-queue.ts'
import { homeFor, postgresAccount } from '../../src/store/embedded/account.ts'
import {
  type Cluster,
  freePort,
  initialise,
  spawnPostmaster,
  stopPostmaster,
} from '../../src/store/embedded/cluster.ts'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded/index.ts'
import { findPrograms } from '../../src/store/embedded/programs.ts'
import { databaseSource } from '../../src/store/audit/source.ts'
import { verifyLog } from '../../src/store/audit/verify.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { connected } from '../../src/store/postgres/prepare.ts'
import { rightsOf } from '../../src/store/postgres/rights.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { happened } from '../../src/testing/store-suite.ts'

const lines: string[] = []
const log = (line: string) => void lines.push(line)
const settings = { fsync: 'off' }
const PASSWORD = 'kept-from-before'
let folder = ''
let home = ''

before(async () => {
  folder = await temporaryFolder('takeover')
  await chmod(folder, 0o755)
})
after(async () => {
  for (const place of [home, folder]) await rm(place, { recursive: true, force: true })
})

/** Initialised, started and left as versions before this one did. */
async function folderOfBefore(): Promise<void> {
  const account = await postgresAccount()
  home = await homeFor(await realpath(folder), account, log)
  await mkdir(join(home, 'owners'), { recursive: true })
  await writeFile(join(home, 'password'), PASSWORD, { mode: 0o600 })
  const programs = await findPrograms(account, log)
  const cluster: Cluster = { home, data: join(home, 'data'), account, programs, password: PASSWORD, settings, log }
  await initialise(cluster)
  const port = await freePort(0)
  await writeFile(join(home, 'port'), String(port))
  const postmaster = await spawnPostmaster(cluster, port)
  const url = (database: string) => `postgres://stellwerk:${PASSWORD}@127.0.0.1:${port}/${database}`
  await connected(url('postgres'), (client) => client.query('create database stellwerk'))
  await open({ connectionString: url('stellwerk') }, async (store) => {
    await store.transact(async (tx) => {
      await tx.insertJobs([{ queue: 'notify', data: { stream: 's1', key: 'k' } } as never])
      await tx.append('s1', 0, [happened('A'), happened('B')])
    })
    await store.sql('alter function stellwerk.append(json) security invoker')
    await store.sql('alter function stellwerk.append(json) reset search_path')
    await store.sql("delete from stellwerk.migrations where name = '0008-definer'")
  })
  await stopPostmaster(cluster, postmaster.pid)
}

type Access = { readonly connectionString: string; readonly migrationUrl?: string }

async function open(access: Access, work: (store: PostgresStore, queue: JobQueue) => Promise<void>): Promise<void> {
  const store = await openPostgresStore(access)
  const queue = pgBossQueue({ connectionString: access.connectionString, store, log: () => undefined })
  await queue.start()
  try {
    await work(store, queue)
  } finally {
    await queue.stop(1000)
    await store.close()
  }
}

const accessTo = ({ connectionString, ownerUrl }: EmbeddedPostgres) => ({ connectionString, migrationUrl: ownerUrl })

test('is taken over at the next start: nothing is lost, and the control plane is no superuser any more', async () => {
  await folderOfBefore()
  const database = await startEmbedded({ folder, log, settings })
  try {
    assert.match(lines.join('\n'), /the tables of an earlier version belong to the role stellwerk_owner from now on/)
    assert.equal(new URL(database.adminUrl).password, PASSWORD)
    await open(accessTo(database), async (store, queue) => {
      await store.transact((tx) => tx.append('s1', 2, [happened('C')]))
      assert.deepEqual(
        (await store.read('s1')).map(({ type }) => type),
        ['A', 'B', 'C'],
      )
      assert.deepEqual((await verifyLog(databaseSource(store), { trustOwnKey: true })).problems, [])
      const { promise, resolve } = Promise.withResolvers<unknown>()
      await queue.work('notify', 1, async ({ data }) => resolve(data))
      assert.deepEqual(await promise, { stream: 's1', key: 'k' })
      const { role, excess } = await rightsOf(store.sql)
      assert.deepEqual([role, excess], ['stellwerk_runtime', null])
      await assert.rejects(store.sql('delete from stellwerk.events'), /permission denied for table events/)
    })
  } finally {
    await database.stop()
  }
})

test('at the start after that there is nothing to take over, also where somebody has lost the new passwords', async () => {
  lines.length = 0
  for (const file of ['owner-password', 'runtime-password']) await rm(join(home, file))
  const database = await startEmbedded({ folder, log, settings })
  try {
    assert.doesNotMatch(lines.join('\n'), /earlier version/)
    await open(accessTo(database), async (store) => assert.equal(await store.size(), 3))
  } finally {
    await database.stop()
  }
})
