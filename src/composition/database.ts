/**
 * The database: the given one, or the embedded one in the data folder, started or adopted, and started again when it ends.
 * While it is away nothing advances and traffic flows on; a control plane that cannot bring its own one back ends, so that
 * whoever supervises it starts it afresh.
 */
import { quote, say, type Sentence, type Told, verbatim } from '../core/say.ts'
import { join } from 'node:path'
import { after } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import { StellwerkError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { EmbeddedPostgresError } from '../store/embedded/error.ts'
import { type EmbeddedPostgres, startEmbedded } from '../store/embedded/index.ts'

export type DatabaseOptions = {
  /** Null: the embedded one. */
  readonly databaseUrl: string | null
  /** As the owner of the tables of a given one, where that is another role. */
  readonly migrationUrl: string | null
  readonly dataFolder: string
  readonly progress: (said: Sentence) => void
  readonly clock: Clock
  readonly log: Log
  /** Called once, when it is away and cannot be brought back. */
  readonly onLost: (error: Error) => void
}

export type RunningDatabase = {
  readonly connectionString: string
  /** As the owner of the tables, where that is another role: for migrations. */
  readonly migrationUrl: string | null
  /** As the superuser of the embedded one, for databases of others on it; null for another. */
  readonly adminUrl: string | null
  /** Where the embedded one keeps its data; null for another. */
  readonly home: string | null
  stop(): Promise<void>
}

export async function openDatabase(options: DatabaseOptions): Promise<RunningDatabase> {
  const { databaseUrl, migrationUrl, dataFolder, progress, log } = options
  if (databaseUrl !== null)
    return { connectionString: databaseUrl, migrationUrl, adminUrl: null, home: null, stop: async () => undefined }
  progress(say`starting PostgreSQL`)
  const folder = join(dataFolder, 'postgres')
  const embedded = await startEmbedded({ folder, log: (line) => log.info('postgresql', { line }) }).catch(notStarted)
  const { home, isOurs, connectionString, ownerUrl, adminUrl } = embedded
  progress(isOurs ? say`PostgreSQL keeps its data in ${home}` : say`PostgreSQL in ${home} was running and is used`)
  const stopping = new AbortController()
  const supervised = supervise(embedded, options, stopping.signal)
  return {
    connectionString,
    migrationUrl: ownerUrl,
    adminUrl,
    home,
    async stop() {
      stopping.abort()
      await supervised
      await embedded.stop()
    },
  }
}

/** What it says is what to do. */
function notStarted(error: unknown): never {
  if (!(error instanceof EmbeddedPostgresError)) throw error
  throw new StellwerkError(
    'failed',
    { what: say`PostgreSQL cannot be started`, why: quote(error.message), fix: verbatim('stellwerk doctor') },
    error,
  )
}

const LOOK_EVERY_MS = 250
/** Pauses between two attempts to start it; the last one is repeated. */
const PAUSES_MS = [0, 250, 1_000, 5_000]
const GIVE_UP_AFTER_MS = 120_000
/** It ends again and again: starting it once more mends nothing. */
const ENDS_MAX = 10
const ENDS_WITHIN_MS = 600_000

export type Supervised = Pick<EmbeddedPostgres, 'isUp' | 'revive' | 'pid' | 'home'>

/** Resolves when `signal` aborts, or when it has given up. */
export async function supervise(
  database: Supervised,
  { clock, log, onLost }: Pick<DatabaseOptions, 'clock' | 'log' | 'onLost'>,
  signal: AbortSignal,
): Promise<void> {
  let ends: readonly number[] = []
  while (!signal.aborted) {
    if (!database.isUp()) {
      ends = [...ends.filter((at) => clock.now() - at < ENDS_WITHIN_MS), clock.now()]
      log.error('PostgreSQL has ended by itself and is started again; traffic flows on', { pid: database.pid })
      const failed = ends.length > ENDS_MAX ? endsAlways(ends.length) : await revive(database, { clock, log }, signal)
      if (failed !== null) return onLost(lost(database, typeof failed === 'string' ? quote(failed) : failed))
    }
    await clock.sleepUntil(after(clock.now(), LOOK_EVERY_MS), signal).catch(() => undefined)
  }
}

/** Null when it runs again, or when nobody wants it any more; else why it does not. */
async function revive(
  database: Supervised,
  { clock, log }: Pick<DatabaseOptions, 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<string | null> {
  const since = clock.now()
  for (let attempt = 0; !signal.aborted; attempt++) {
    const pauseMs = PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]!
    await clock.sleepUntil(after(clock.now(), pauseMs), signal).catch(() => undefined)
    if (signal.aborted) return null
    try {
      await database.revive()
      log.warn('PostgreSQL runs again', { pid: database.pid, awayMs: clock.now() - since })
      return null
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      log.error('PostgreSQL could not be started', { error: message, attempt: attempt + 1 })
      if (clock.now() - since >= GIVE_UP_AFTER_MS) return message
    }
  }
  return null
}

function endsAlways(times: number): Sentence {
  return say`it ended ${times} times within ${ENDS_WITHIN_MS / 60_000} minutes`
}

function lost({ home }: Supervised, why: Told): StellwerkError {
  return new StellwerkError('failed', {
    what: say`PostgreSQL is down and cannot be brought back`,
    why,
    serving: say`what served before: router and instances go on without the control plane`,
    fix: say`see ${join(home, 'postgres.log')}, then: stellwerk up`,
  })
}
