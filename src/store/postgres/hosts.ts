/** Which host has the host-bound parts of an environment. Whoever acts first has it, until it is given up or taken over. */
import { JOBS_SCHEMA, type RunSql } from '../../ports/sql.ts'

/** `id`: of a data folder; `name`: of its machine, for people. */
export type Host = { readonly id: string; readonly name: string }
type Environment = { readonly service: string; readonly environment: string }

const CLAIM = `insert into stellwerk.hosts (service, environment, host, name) values ($1, $2, $3, $4)
  on conflict (service, environment) do nothing`
const FIND = 'select host as id, name from stellwerk.hosts where service = $1 and environment = $2'
const GIVE_UP = 'delete from stellwerk.hosts where host = $1'
const TAKE_OVER = `with gone as (
    select service, environment, host from stellwerk.hosts where (name = $3 or host = $3) and host <> $1 for update
  )
  update stellwerk.hosts as ours set host = $1, name = $2, since = now() from gone
  where ours.service = gone.service and ours.environment = gone.environment
  returning ours.service, ours.environment, gone.host`

/** Null: nobody's yet. */
export async function findHost(run: RunSql, { service, environment }: Environment): Promise<Host | null> {
  const { rows } = await run(FIND, [service, environment])
  return (rows[0] as Host | undefined) ?? null
}

/** The host that has it from now on: `own`, where nobody had it. */
export async function claimHost(run: RunSql, environment: Environment, own: Host): Promise<Host> {
  await run(CLAIM, [environment.service, environment.environment, own.id, own.name])
  return (await findHost(run, environment)) ?? own
}

export async function giveUpHost(run: RunSql, own: Host): Promise<void> {
  await run(GIVE_UP, [own.id])
}

export type TakenOver = {
  readonly environments: readonly Environment[]
  /** By id; one name may stand for several. */
  readonly hosts: readonly string[]
}

/** Makes ours what another host had, by its name or id: for a host that is gone for good. */
export async function takeOverHost(run: RunSql, own: Host, from: string): Promise<TakenOver> {
  const { rows } = await run(TAKE_OVER, [own.id, own.name, from])
  const taken = rows as unknown as readonly (Environment & { readonly host: string })[]
  return {
    environments: taken.map(({ service, environment }) => ({ service, environment })),
    hosts: [...new Set(taken.map(({ host }) => host))],
  }
}

/**
 * Hosts for which commands may wait, and which have nothing any more: what they had was taken over, or given up. Whoever works such
 * a queue performs what is his by now, and hands on the rest. The job queue must have started.
 */
export async function orphanedHosts(run: RunSql): Promise<readonly string[]> {
  const { rows } = await run(
    `select substr(name, 9) as id from ${JOBS_SCHEMA}.queue
     where name like 'command.%' and substr(name, 9) not in (select host from stellwerk.hosts) order by name`,
  )
  return rows.map((row) => row['id'] as string)
}
