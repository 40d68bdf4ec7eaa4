/**
 * The end of a transaction: its jobs, then its changes, in one go. Where the database refuses that, the parts that it refuses
 * are found by halves, each tried and taken back; what is left is written in one go again, so that the head of the log is
 * never held while anything is tried.
 */
import type { NewJob } from '../../ports/job.ts'
import type { RunSql } from '../../ports/sql.ts'
import { StoreUnavailableError } from '../../ports/store.ts'
import { storeError } from './errors.ts'
import { type Changes, flush } from './flush.ts'

/** What stands or falls together; `refused` is told when it falls. */
export type Unit = Omit<Changes, 'now' | 'reading'> & {
  readonly jobs: readonly NewJob[]
  /** Without it nothing of the transaction can be kept. */
  readonly isBase: boolean
  readonly refused: (error: unknown) => void
}

export type Writing = Pick<Changes, 'now' | 'reading'> & {
  readonly run: RunSql
  readonly commit: 'lazy' | 'plain'
  readonly insertJobs: (jobs: readonly NewJob[], run: RunSql) => Promise<void>
}

/** Answers what `flush` answers. */
export async function write(writing: Writing, units: readonly Unit[]): Promise<string | null> {
  if (units.every(({ isBase }) => isBase)) return put(writing, units)
  const { run } = writing
  await run(SAVE)
  try {
    return await put(writing, units)
  } catch (error) {
    throwIfOfTheMoment(error)
    await run(BACK)
    const refused = await refusedAmong(writing, halves(units))
    if (refused.length === 0 || refused.some(({ unit }) => unit.isBase)) throw error
    const kept = units.filter((unit) => !refused.some((each) => each.unit === unit))
    const after = await put(writing, kept)
    for (const each of refused) each.unit.refused(each.error)
    return after
  }
}

const SAVE = 'savepoint written'
const BACK = 'rollback to savepoint written'

type Refused = { readonly unit: Unit; readonly error: unknown }

async function refusedAmong(writing: Writing, groups: readonly (readonly Unit[])[]): Promise<readonly Refused[]> {
  const found: Refused[] = []
  for (const units of groups) {
    const error = await refusal(writing, units)
    if (error === null) continue
    const [unit, ...others] = units
    if (unit && others.length === 0) found.push({ unit, error })
    else found.push(...(await refusedAmong(writing, halves(units))))
  }
  return found
}

function halves(units: readonly Unit[]): readonly (readonly Unit[])[] {
  if (units.length < 2) return [units]
  const middle = units.length >> 1
  return [units.slice(0, middle), units.slice(middle)]
}

/** Why the database refuses these; null: it takes them. Nothing of it stays. */
async function refusal(writing: Writing, units: readonly Unit[]): Promise<unknown> {
  let refused: unknown = null
  try {
    await put(writing, units)
  } catch (error) {
    throwIfOfTheMoment(error)
    refused = error
  }
  await writing.run(BACK)
  return refused
}

async function put(writing: Writing, units: readonly Unit[]): Promise<string | null> {
  const { run, now, reading, commit, insertJobs } = writing
  const jobs = units.flatMap((unit) => unit.jobs)
  if (jobs.length > 0) await insertJobs(jobs, run)
  const changes = {
    events: units.flatMap(({ events }) => events),
    streams: units.flatMap(({ streams }) => streams),
    environments: units.flatMap(({ environments }) => environments),
    quarantine: units.flatMap(({ quarantine }) => quarantine),
  }
  return flush(run, { now, reading, ...changes }, commit)
}

function throwIfOfTheMoment(error: unknown): void {
  const known = storeError(error, 'work')
  if (known instanceof StoreUnavailableError) throw known
}
