/** Pumps carry time: each claims rollouts that are due, drives them in its own transaction, and arms itself again in it. */
import { after, type Instant } from '../core/time.ts'
import type { Job, NewJob } from '../ports/job.ts'
import type { StoreTransaction, StreamRow } from '../ports/store.ts'
import { couldNotDrive, isOfTheDatabase } from './give.ts'
import { type Running, stopped } from './running.ts'
import { driveLocked, type Driven, foldRollout, stateOf } from './rollouts.ts'

const PUMPS = 8
const DUE_MAX = 200
const PAUSE_MS = 300
/** With nothing due, one pump looks often and the others only now and then: they cost most of what idling costs. */
const IDLE_PAUSE_MS = 1500
const FIRST = 'p0'
/** The commands become visible with the commit, a moment after the handler returns. */
const COMMIT_MS = 5

/** All of them, at once or not before `due`; one that waits already and not for longer stays as it is. */
export function pumpJobs(due?: Instant): readonly NewJob[] {
  return Array.from({ length: PUMPS }, (_, index) => ({
    queue: 'pump',
    data: { pump: `p${index}` },
    singleton: `p${index}`,
    ...(due === undefined ? {} : { due }),
  }))
}

export async function pump(running: Running, job: Job, tx: StoreTransaction): Promise<void> {
  const rows = await tx.lockDue(DUE_MAX)
  const driven: Driven[] = []
  for (const row of rows) {
    const one = await tickRow(running, tx, row)
    if (one) driven.push(one)
  }
  const { pump: singleton } = job.data as { pump: string }
  const pauseMs = rows.length === 0 && singleton !== FIRST ? IDLE_PAUSE_MS : PAUSE_MS
  const again = rows.length < DUE_MAX ? { due: after(tx.now(), pauseMs) } : {}
  await tx.insertJobs([{ queue: 'pump', data: job.data, singleton, ...again }])
  if (driven.length > 0) followLater(running, driven)
}

function followLater({ clock, stopping, follow, log }: Running, driven: readonly Driven[]): void {
  const work = async () => {
    await clock.sleepUntil(after(clock.now(), COMMIT_MS), stopping)
    for (const one of driven) await follow(one)
  }
  work().catch((error) =>
    stopping.aborted ? stopped() : log.warn('following a pump failed; the sweep repeats it', { error: String(error) }),
  )
}

/** What failed before is tried in a transaction of its own: one that the database refuses takes every rollout of it along. */
function tickAlone({ troubles, give, stopping, log }: Running, { stream, now, again }: Failing): null {
  if (now < again) return null
  troubles.trying(stream, now)
  give(stream, { type: 'tick' }).catch((error) => {
    if (!stopping.aborted) log.warn('a rollout is still not driven', { stream, error: String(error) })
  })
  return null
}

type Failing = { readonly stream: string; readonly now: Instant; readonly again: Instant }

/** A rollout that cannot be driven is a programmer error: it is said loudly and does not hold up the others. */
async function tickRow(running: Running, tx: StoreTransaction, row: StreamRow): Promise<Driven | null> {
  const { store, troubles } = running
  const { stream } = row
  const trouble = troubles.of(stream)
  if (trouble) return tickAlone(running, { stream, now: tx.now(), again: trouble.again })
  try {
    const state = stateOf(row) ?? foldRollout(await store.read(stream))
    const driven = state && (await driveLocked(tx, { row, state }, { type: 'tick' }))
    return driven
  } catch (error) {
    couldNotDrive(running, { stream, error, now: tx.now() })
    if (isOfTheDatabase(error)) throw error
    return null
  }
}
