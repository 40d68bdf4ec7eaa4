/**
 * Pumps carry time: each claims streams that are due, drives them in one transaction, and arms itself again in it. Each
 * stream is a part of its own: one that cannot be driven, or that the database refuses, stops alone.
 */
import { after, type Instant } from '../core/time.ts'
import type { Job, NewJob } from '../ports/job.ts'
import { type StoreTransaction, type StreamRow, StoreUnavailableError } from '../ports/store.ts'
import { drive, type Driven } from './drive.ts'
import { couldNotDrive } from './give.ts'
import { type Running, stopped } from './running.ts'
import { loadedFrom } from './streams.ts'

const PUMPS = 8
const DUE_MAX = 200
/** A pump that takes longer lets the next one go on: the server ends a transaction that takes much longer, with all that it did. */
const BUDGET_MS = 700
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
  const now = tx.now()
  const rows = await tx.lockDue(DUE_MAX, running.troubles.resting(now))
  const driven = new Map<string, Driven>()
  const until = after(running.clock.now(), BUDGET_MS)
  let done = 0
  for (const row of rows) {
    if (running.clock.now() >= until) break
    await tickRow(running, tx, { row, driven })
    done += 1
  }
  const { pump: singleton } = job.data as { pump: string }
  const pauseMs = rows.length === 0 && singleton !== FIRST ? IDLE_PAUSE_MS : PAUSE_MS
  const again = done === rows.length && done < DUE_MAX ? { due: after(now, pauseMs) } : {}
  await tx.insertJobs([{ queue: 'pump', data: job.data, singleton, ...again }])
  if (rows.length > 0) tx.onWritten(() => followLater(running, driven))
}

type Ticking = { readonly row: StreamRow; readonly driven: Map<string, Driven> }

/** One that cannot be driven is a programmer error, or was damaged: it is said loudly and does not hold up the others. */
async function tickRow(running: Running, tx: StoreTransaction, { row, driven }: Ticking): Promise<void> {
  const { stream } = row
  const refused = (error: unknown) => {
    driven.delete(stream)
    couldNotDrive(running, { stream, error, now: tx.now() })
  }
  const others = running.troubles.of(stream) === null ? 'now' : 'by-job'
  try {
    const tick = async () => drive(tx, await loadedFrom(tx, row), { type: 'tick' }, others)
    driven.set(stream, await tx.apart(tick, refused))
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    refused(error)
  }
}

function followLater({ clock, stopping, follow, troubles, log }: Running, driven: ReadonlyMap<string, Driven>): void {
  const work = async () => {
    await clock.sleepUntil(after(clock.now(), COMMIT_MS), stopping)
    for (const [stream, one] of driven) {
      troubles.driven(stream)
      if (one.events.length > 0) await follow(one).catch(failed)
    }
  }
  const failed = (error: unknown) =>
    stopping.aborted ? stopped() : log.warn('following a pump failed; the sweep repeats it', { error: String(error) })
  work().catch(failed)
}
