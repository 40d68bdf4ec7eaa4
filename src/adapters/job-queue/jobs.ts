/** Jobs as pg-boss takes them. */
import { randomUUID } from 'node:crypto'
import type { JobInsert } from 'pg-boss'
import type { NewJob, QueueName } from '../../ports/job.ts'
import { JOBS_SCHEMA, type RunSql } from '../../ports/sql.ts'

/** By queue and key in a fixed order: two transactions that wait for each other's keys must not wait crosswise. */
export function grouped(jobs: readonly NewJob[]): readonly (readonly [QueueName, JobInsert[]])[] {
  const sorted = jobs.map((job) => ({ ...job, singleton: job.singleton ?? randomUUID() })).sort(byKey)
  return [...Map.groupBy(sorted, (job) => job.queue)].map(([queue, some]) => [queue, some.map(bossJob)])
}

function byKey(left: NewJob, right: NewJob): number {
  const [one, other] = [`${left.queue} ${left.singleton}`, `${right.queue} ${right.singleton}`]
  return one < other ? -1 : Number(one > other)
}

function bossJob({ data, due, singleton = '', timeoutMs }: NewJob): JobInsert {
  return {
    data: data as object,
    singletonKey: singleton,
    ...(due === undefined ? {} : { startAfter: new Date(due).toISOString() }),
    ...(timeoutMs === undefined ? {} : { expireInSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)) }),
  }
}

/** Of the jobs in `$2` those that wait already, with the same key and for later. */
export const BRING_FORWARD = `
  update ${JOBS_SCHEMA}.job as waiting
  set start_after = coalesce(twin."startAfter", now())
  from json_to_recordset($2) as twin("singletonKey" text, "startAfter" timestamptz)
  where waiting.name = $1 and waiting.singleton_key = twin."singletonKey" and waiting.state in ('created', 'retry')
    and waiting.start_after > coalesce(twin."startAfter", now())`

/** Of jobs that carry out an order those of which none waits or runs, on whichever queue. */
export async function missingJobs(jobs: readonly NewJob[], run: RunSql): Promise<readonly NewJob[]> {
  const { rows } = await run(`select distinct data ->> 'stream' as stream, data ->> 'key' as key
    from ${JOBS_SCHEMA}.job where state in ('created', 'retry', 'active') and data ? 'key'`)
  const known = new Set(rows.map(({ stream, key }) => `${stream} ${key}`))
  return jobs.filter(({ data }) => {
    const { stream, key } = data as { stream: string; key: string }
    return !known.has(`${stream} ${key}`)
  })
}
