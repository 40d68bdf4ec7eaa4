/**
 * A real PostgreSQL of our own, for who has none. It belongs to a folder, not to a process: a control plane that is
 * killed leaves it running and the next one adopts it; the last one that stops in order takes it along.
 */
import { mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists, homeFor, postgresAccount } from './account.ts'
import {
  answers,
  type Cluster,
  freePort,
  initialise,
  type Postmaster,
  runningPostmaster,
  spawnPostmaster,
  stopPostmaster,
} from './cluster.ts'
import { EmbeddedPostgresError } from './error.ts'
import { isAlive, isStillThere, markOf, withLock } from './processes.ts'
import { findPrograms } from './programs.ts'
import { keptPasswords, prepareDatabase, type Urls, urlsOf } from './roles.ts'

export type EmbeddedOptions = {
  /** Absolute; created when it is not there. */
  readonly folder: string
  /** Lines for the operator: what was created, adopted, recovered. */
  readonly log: (line: string) => void
  /** PostgreSQL settings over ours: `{ fsync: 'off' }` for tests. */
  readonly settings?: Readonly<Record<string, string>>
}

export type EmbeddedPostgres = {
  /** As the role that a control plane works as. Holds a password, as the next two do: never log them. */
  readonly connectionString: string
  /** As the owner of the tables: for migrations. */
  readonly ownerUrl: string
  /** As the superuser: for databases of others on the same server. */
  readonly adminUrl: string
  /** Of the postmaster that runs now. */
  readonly pid: number
  readonly port: number
  /** Where the database lies. */
  readonly home: string
  /** False: it ran already and was adopted. */
  readonly isOurs: boolean
  /** Does its postmaster run? */
  readonly isUp: () => boolean
  /** Starts it again after it has ended (crash recovery included), or adopts what somebody else has started meanwhile. */
  readonly revive: () => Promise<void>
  /** Stops it in order (fast shutdown), unless another control plane uses it too. Twice is once. */
  readonly stop: () => Promise<void>
}

/** Throws `EmbeddedPostgresError`. Several processes may call it for one folder at the same time: one starts, the rest adopt. */
export async function startEmbedded({ folder, log, settings = {} }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  await mkdir(folder, { recursive: true })
  const account = await postgresAccount()
  const home = await homeFor(await realpath(folder), account, log)
  await mkdir(join(home, 'owners'), { recursive: true })
  const programs = await findPrograms(account, log)
  return withLock(join(home, 'start.lock'), async () => {
    const passwords = await keptPasswords(home)
    const password = passwords.admin
    const cluster: Cluster = { home, data: join(home, 'data'), account, programs, password, settings, log }
    const adopted = await adopt(cluster)
    const postmaster = adopted ?? (await startAnew(cluster))
    await prepareDatabase(cluster, postmaster, passwords)
    return handleOf(cluster, postmaster, { isOurs: adopted === null, urls: urlsOf(passwords, postmaster.port) })
  })
}

type Handed = { readonly isOurs: boolean; readonly urls: Urls }

async function handleOf(cluster: Cluster, first: Postmaster, { isOurs, urls }: Handed): Promise<EmbeddedPostgres> {
  const { home } = cluster
  const { port } = first
  let postmaster = first
  const stop = await owned(cluster, () => postmaster.pid)
  return {
    connectionString: urls.runtime,
    ownerUrl: urls.owner,
    adminUrl: urls.admin,
    port,
    home,
    isOurs,
    stop,
    get pid() {
      return postmaster.pid
    },
    isUp: () => isAlive(postmaster.pid),
    revive: async () => {
      postmaster = await revived(cluster, port)
    },
  }
}

/** On the port that everybody knows: a database elsewhere would be none. */
function revived(cluster: Cluster, port: number): Promise<Postmaster> {
  return withLock(join(cluster.home, 'start.lock'), async () => {
    const postmaster = (await adopt(cluster)) ?? (await startAgain(cluster, port))
    if (postmaster.port === port) return postmaster
    const message = `PostgreSQL listens on ${postmaster.port} by now, and this process knows it on ${port}: start again`
    throw new EmbeddedPostgresError('failed', message)
  })
}

async function startAgain(cluster: Cluster, port: number): Promise<Postmaster> {
  if (!(await exists(cluster.data)))
    throw new EmbeddedPostgresError('failed', `its data in ${cluster.data} is gone: restore it from a backup`)
  await checkData(cluster)
  if ((await freePort(port)) !== port)
    throw new EmbeddedPostgresError('failed', `its port ${port} was taken by somebody else`)
  return spawnPostmaster(cluster, port)
}

async function adopt(cluster: Cluster): Promise<Postmaster | null> {
  const running = await runningPostmaster(cluster)
  if (running === null) return null
  await answers(cluster, running)
  cluster.log(`adopted the running database (process ${running.pid}, 127.0.0.1:${running.port})`)
  return running
}

async function startAnew(cluster: Cluster): Promise<Postmaster> {
  if (await exists(cluster.data)) await checkData(cluster)
  else {
    cluster.log(`creating the database in ${cluster.home}`)
    await initialise(cluster)
  }
  const portFile = join(cluster.home, 'port')
  const kept = Number(await readFile(portFile, 'utf8').catch(() => '0'))
  const port = await freePort(kept)
  if (kept > 0 && port !== kept) cluster.log(`port ${kept} is taken by somebody else: using ${port}`)
  const postmaster = await spawnPostmaster(cluster, port)
  await writeFile(portFile, String(port))
  return postmaster
}

async function checkData({ data, programs, account }: Cluster): Promise<void> {
  const major = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => 'unknown')).trim()
  if (major !== programs.major) {
    const message = `${data} was written by PostgreSQL ${major}; installed is ${programs.major}: dump it with the old one first`
    throw new EmbeddedPostgresError('wrong-version', message)
  }
  const { uid } = await stat(data)
  const wanted = account?.uid ?? process.getuid?.() ?? uid
  if (uid !== wanted) {
    const message = `${data} belongs to user ${uid}, PostgreSQL would run as ${wanted}: start as you did the first time`
    throw new EmbeddedPostgresError('wrong-owner', message)
  }
}

let handles = 0

/** Signs us in as an owner; the function returned signs out and stops the database when nobody else is signed in. */
async function owned(cluster: Cluster, pid: () => number): Promise<() => Promise<void>> {
  const owners = join(cluster.home, 'owners')
  const own = `${process.pid}-${++handles}`
  await writeFile(join(owners, own), await markOf(process.pid))
  let stopped: Promise<void> | null = null
  const stop = () =>
    withLock(join(cluster.home, 'start.lock'), async () => {
      await rm(join(owners, own), { force: true })
      if (!(await hasOwner(owners))) await stopPostmaster(cluster, pid())
    })
  return () => (stopped ??= stop())
}

async function hasOwner(owners: string): Promise<boolean> {
  for (const name of await readdir(owners)) {
    const mark = await readFile(join(owners, name), 'utf8').catch(() => '')
    if (await isStillThere(mark)) return true
    await rm(join(owners, name), { force: true })
  }
  return false
}
