/**
 * What the role may that the control plane works as, where another one owns the tables: add to the log and to its
 * checkpoints, never change or remove; write what is made again from the log.
 */
import { type ClientBase, escapeIdentifier } from 'pg'
import { StellwerkError } from '../../errors.ts'
import { JOBS_SCHEMA } from '../../ports/sql.ts'
import { ownershipStatements, RIGHTS } from './ownership.ts'

/** Within the owner's transaction. pg-boss keeps its own tables, so in its schema the role may create. */
export async function giveRights(client: ClientBase, role: string): Promise<void> {
  const name = escapeIdentifier(role)
  const tables = Object.entries(RIGHTS).map(([table, rights]) => {
    const on = `on stellwerk.${table}`
    return `revoke all ${on} from ${name}; grant ${rights} ${on} to ${name};`
  })
  await client.query(`
    grant usage on schema stellwerk to ${name};
    ${tables.join('\n')}
    grant execute on function stellwerk.append(json) to ${name};
    grant usage, create on schema ${JOBS_SCHEMA} to ${name};`)
}

/** Tables of before there were two roles belong to the one that worked alone; taken over before anything is changed. */
export async function settleOwners(client: ClientBase, runtime: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>('select current_user as owner')
  const owner = rows[0]?.owner ?? ''
  const statements = await ownershipStatements(client, { owner, runtime })
  try {
    for (const statement of statements) await client.query(statement)
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error
    throw new StellwerkError(
      'failed',
      {
        what: `role ${owner} does not own what Stellwerk keeps in this database, and may not take it over`,
        why: `it belongs to another role from before (${(error as Error).message})`,
        serving: 'what served before: router and instances go on without the control plane',
        fix: `as a superuser of the database server: ${statements.join('; ')}`,
      },
      error,
    )
  }
}
