/** Makes everything that stands beside the log again from it (law L2), while no control plane works on that database. */
import { quote, say } from '../core/say.ts'
import { join } from 'node:path'
import { stat } from 'node:fs/promises'
import { createRedaction } from '../adapters/command/redact.ts'
import { missingJobs } from '../adapters/job-queue/jobs.ts'
import { tokenProjector } from '../adapters/identity/token-projection.ts'
import { pgBossQueue } from '../adapters/job-queue/pg-boss.ts'
import type { Log } from '../ports/log.ts'
import { ENGINE_PROJECTORS } from '../engine/projection.ts'
import { StellwerkError } from '../errors.ts'
import { openAuditKey } from '../store/audit/key.ts'
import { openPostgresStore } from '../store/postgres/index.ts'
import type { Rebuilt } from '../store/postgres/rebuild.ts'
import { InUseError } from './alone.ts'
import { type Ground, takeGround } from './ground.ts'
import { createLog } from './log.ts'
import type { StartOptions } from './start-options.ts'
import { createTrust } from './trust.ts'

export type { Rebuilt }

export type RebuildOptions = Pick<StartOptions, 'dataFolder' | 'databaseUrl' | 'migrationUrl' | 'logLevel' | 'progress'>

/** Refuses while a control plane runs here or on that database, and on a log that cannot be trusted. */
export async function rebuildTables(options: RebuildOptions): Promise<Rebuilt> {
  if (!(await isThere(options.dataFolder))) throw noFolder(options.dataFolder)
  // An empty one would be made, and "rebuilt from 0 events" would read like an answer.
  if (options.databaseUrl === null && !(await isThere(join(options.dataFolder, 'postgres'))))
    throw noDatabase(options.dataFolder)
  const redaction = createRedaction()
  redaction.learn([options.databaseUrl, options.migrationUrl].filter((url) => typeof url === 'string'))
  const log = createLog(options.logLevel, redaction.redact)
  const ends: (() => Promise<unknown>)[] = []
  try {
    const { database } = await takeGround(options, log, ends).catch(whileRunning)
    return await rebuildIn(database, options, { log, ends })
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

type Within = { readonly log: Log; readonly ends: (() => Promise<unknown>)[] }

async function rebuildIn(
  { connectionString, migrationUrl }: Ground['database'],
  { dataFolder, progress }: RebuildOptions,
  { log, ends }: Within,
): Promise<Rebuilt> {
  const key = await openAuditKey(join(dataFolder, 'keys'))
  const trust = createTrust({ key, dataFolder, anchors: [], accept: null, log })
  const { guard } = trust
  const store = await openPostgresStore({ connectionString, migrationUrl, guard, remake: true })
  ends.push(() => store.close())
  await trust.begin(store)
  const doubts = store.doubts()
  if (doubts !== null) throw untrusted(doubts)
  // Its own tables, too: they are made when it starts.
  const queue = pgBossQueue({ connectionString, store, log: (message) => log.warn('job queue', { message }) })
  await queue.start()
  ends.push(() => queue.stop(0))
  progress(say`reading ${await store.size()} events`)
  return store.rebuild({ projectors: [...ENGINE_PROJECTORS, tokenProjector], missing: missingJobs })
}

/** What holds folder or database names itself. */
function whileRunning(error: unknown): never {
  if (!(error instanceof InUseError)) throw error
  const { what, serving = say`what that one serves` } = error.text
  throw new StellwerkError('failed', {
    what: say`nothing was rebuilt: ${what}`,
    why: say`it reads and writes the tables that would be rebuilt under it`,
    serving,
    fix: say`end every control plane of this database first (${error.who}), then: stellwerk rebuild`,
  })
}

function noFolder(dataFolder: string): StellwerkError {
  return new StellwerkError('usage', {
    what: say`there is no data folder ${dataFolder}`,
    why: say`it holds the key by which the events of the log are told from forged ones`,
    fix: say`name the one that the control plane was started with: --data FOLDER`,
  })
}

function noDatabase(dataFolder: string): StellwerkError {
  return new StellwerkError('usage', {
    what: say`nothing was rebuilt: there is no database in ${dataFolder}`,
    why: say`no control plane was ever started with this data folder, or it had another database`,
    fix: say`name the folder with --data, or the database with --database-url`,
  })
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

function untrusted(doubts: string): StellwerkError {
  return new StellwerkError('failed', {
    what: say`nothing was rebuilt: the log cannot be trusted`,
    why: quote(doubts),
    serving: say`what served before: router and instances go on without the control plane`,
    fix: say`find out with "stellwerk audit verify"; to then accept it as it is: stellwerk up --accept-log "why" --by PERSON`,
  })
}
