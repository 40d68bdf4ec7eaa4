/**
 * The seam between the store and a job queue that live in the same database: it lets one transaction span both, without
 * either knowing the other.
 */
import type { NewJob } from './job.ts'
import type { Store, StoreTransaction } from './store.ts'

/** Where the job queue keeps its tables: the one schema that the role of the control plane may create in. */
export const JOBS_SCHEMA = 'stellwerk_jobs'

/** Runs one statement where the caller has chosen: inside somebody's open transaction. `name`: prepare it under that name. */
export type RunSql = (
  text: string,
  values?: readonly unknown[],
  name?: string,
) => Promise<{ readonly rows: readonly Record<string, unknown>[] }>

export interface SqlStore extends Store {
  /**
   * Runs `work` in a transaction that somebody else has begun and will commit. What `work` has decided is written when it
   * resolves: commit soon after, since the head of the log is locked from then on.
   */
  within<T>(run: RunSql, work: (tx: StoreTransaction) => Promise<T>): Promise<T>
  /** Names who writes the jobs of a transaction; `insert` is called shortly before the commit, with all of them. */
  useJobs(insert: (jobs: readonly NewJob[], run: RunSql) => Promise<void>): void
}
