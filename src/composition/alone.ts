/**
 * One control plane per data folder and per database: two would each believe that they alone decide. The folder's lock is
 * taken before anything else; the database's is a session lock, which PostgreSQL lets go of with the connection.
 *
 * Several are possible where each says so (`up --replica`): they share both locks, and a control plane that wants to be
 * alone is refused while one of them runs.
 */
import { say, type Told } from '../core/say.ts'
import { join } from 'node:path'
import { after } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import { type ErrorText, StellwerkError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { readdirSync } from 'node:fs'
import { type Holder, hold, livingHolder } from '../router/lock.ts'
import { type DatabaseHolder, holdDatabase } from '../store/postgres/hold.ts'

const ALONE = 'control-plane.lock'
const REPLICA = /^replica-\d+\.lock$/

/** Another control plane has the folder or the database; `who` names it: `process 4711`. */
export class InUseError extends StellwerkError {
  readonly who: Told
  constructor(who: Told, text: ErrorText) {
    super('failed', text)
    this.who = who
  }
}

/** Takes the folder, or throws who has it; the function returned gives it back. */
export function holdFolder(dataFolder: string, isReplica: boolean): () => void {
  const name = isReplica ? `replica-${process.pid}.lock` : ALONE
  const held = hold(dataFolder, name)
  // Each makes its own lock first and looks for the others' then: of two at once, both may be refused, never both let in.
  const other = held.ok ? otherIn(dataFolder, isReplica) : held.holder
  if (held.ok && (other === null || other.pid === process.pid)) return held.release
  if (held.ok) held.release()
  throw taken(dataFolder, other!, isReplica)
}

function otherIn(dataFolder: string, isReplica: boolean): Holder | null {
  if (isReplica) return livingHolder(dataFolder, ALONE)
  const replicas = readdirSync(dataFolder).filter((name) => REPLICA.test(name))
  return replicas.map((name) => livingHolder(dataFolder, name)).find((holder) => holder !== null) ?? null
}

function taken(dataFolder: string, { pid, since }: Holder, isReplica: boolean): StellwerkError {
  const fix = isReplica
    ? say`start that one with --replica as well; or end it first: kill ${pid}`
    : say`use it, or end it first: kill ${pid}`
  return new InUseError(say`process ${pid}`, {
    what: say`a control plane runs here already (process ${pid}, since ${since})`,
    why: say`it holds ${join(dataFolder, isReplica ? ALONE : '')}; two would start and stop the same instances`,
    serving: say`what that one serves`,
    fix,
  })
}

export type DatabaseClaim = {
  readonly connectionString: string
  readonly isReplica: boolean
  readonly clock: Clock
  readonly log: Log
  /** Called once, when another control plane has the database by now. */
  readonly onLost: (error: Error) => void
}

/** A killed predecessor's session ends a moment after it. */
const PATIENCE_MS = 5_000
const TRY_EVERY_MS = 100
const LOOK_EVERY_MS = 2_000

/** Holds the database for as long as this control plane runs; taken again after every loss of the connection. */
export async function claimDatabase(claim: DatabaseClaim): Promise<{ stop(): Promise<void> }> {
  const { clock, log } = claim
  const stopping = new AbortController()
  let session = await take(claim, PATIENCE_MS)
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleepUntil(after(clock.now(), LOOK_EVERY_MS), stopping.signal).catch(() => undefined)
      if (stopping.signal.aborted || (await session.isHeld())) continue
      const again = await take(claim, PATIENCE_MS).catch((error: unknown) => error)
      if (again instanceof StellwerkError) return claim.onLost(again)
      if (again instanceof Error) log.warn('the lock of the database is lost for now', { error: again.message })
      else session = again as typeof session
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await watching
      await session.end()
    },
  }
}

async function take(claim: DatabaseClaim, patienceMs: number) {
  const { connectionString, isReplica, clock } = claim
  const deadline = after(clock.now(), patienceMs)
  for (;;) {
    const held = await holdDatabase({ connectionString, isShared: isReplica })
    if (held.ok) return held.session
    if (clock.now() >= deadline) throw used(held.holder, isReplica)
    await clock.sleepUntil(after(clock.now(), TRY_EVERY_MS))
  }
}

function used(holder: DatabaseHolder | null, isReplica: boolean): StellwerkError {
  const who = holder === null ? say`another control plane` : say`${holder.name} since ${holder.since}`
  return new InUseError(who, {
    what: say`another control plane works on this database (${who})`,
    why: say`two that do not know of each other would start and stop the same instances`,
    serving: say`what that one serves`,
    fix: isReplica
      ? say`start that one with --replica as well, or end it first`
      : say`end it first, or give this one another database`,
  })
}
