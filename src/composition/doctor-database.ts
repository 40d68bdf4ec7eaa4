/** The database of the control plane: does it answer, and how far does the role reach that is used there? */
import { join } from 'node:path'
import type { Log } from '../ports/log.ts'
import type { RunSql } from '../ports/sql.ts'
import { keptAccess } from '../store/embedded/roles.ts'
import { connected } from '../store/postgres/prepare.ts'
import { type DatabaseRights, rightsOf, setUpFor } from '../store/postgres/rights.ts'
import type { DoctorCheck } from './doctor-check.ts'
import { type DatabaseTexts, enDoctor } from '../text/doctor.ts'

type Asked = {
  /** `DATABASE_URL` and `STELLWERK_MIGRATION_URL` are read from here. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly dataFolder: string
  readonly texts: DatabaseTexts
}

/** Of the given database, where one is given; null: the embedded one is used. */
export async function givenDatabaseChecks({ environment, texts }: Asked): Promise<readonly DoctorCheck[] | null> {
  const { DATABASE_URL: url, STELLWERK_MIGRATION_URL: migrationUrl } = environment
  if (!url) return null
  const own = await checkAt('DATABASE_URL', url, texts, (rights) =>
    roleCheck(url, rights, texts, Boolean(migrationUrl)),
  )
  if (!migrationUrl) return own
  const owner = await checkAt('STELLWERK_MIGRATION_URL', migrationUrl, texts, () => Promise.resolve([]))
  return [...own, ...owner.filter(({ outcome }) => outcome === 'bad')]
}

/** Of the embedded one while it runs; a role is the same when it is started again. */
export async function ownDatabaseChecks({ dataFolder, texts }: Asked): Promise<readonly DoctorCheck[]> {
  const url = await keptAccess(join(dataFolder, 'postgres'))
  if (url === null) return []
  const rights = await rightsAt(url).catch(() => null)
  return rights === null ? [] : roleCheck(url, rights, texts, true)
}

type Found = DatabaseRights & { readonly version: string }

function rightsAt(url: string): Promise<Found> {
  return connected(url, async (client) => {
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version")
    const rights = await rightsOf((text, values = []) => client.query(text, [...values]))
    return { ...rights, version: rows[0]?.version ?? '' }
  })
}

async function checkAt(
  variable: string,
  url: string,
  texts: DatabaseTexts,
  more: (found: Found) => Promise<readonly DoctorCheck[]>,
): Promise<readonly DoctorCheck[]> {
  const name = 'postgresql'
  try {
    const found = await rightsAt(url)
    const detail = texts.answers(found.database, found.version)
    return [{ name, outcome: 'ok', detail, fix: null }, ...(await more(found))]
  } catch (error) {
    const { message, code } = error as { message?: string; code?: string }
    const [detail, fix] = texts.silent(variable, message || code || String(error))
    return [{ name, outcome: 'bad', detail, fix }]
  }
}

async function roleCheck(
  url: string,
  rights: DatabaseRights,
  texts: DatabaseTexts,
  hasOwner: boolean,
): Promise<readonly DoctorCheck[]> {
  const name = 'database role'
  const { role, excess, hasLog } = rights
  if (excess !== null) {
    const fix = await fixFor(url, rights, texts)
    return [{ name, outcome: 'warning', detail: texts.excess[excess](role), fix }]
  }
  if (hasLog || hasOwner) return [{ name, outcome: 'ok', detail: texts.proper(role), fix: null }]
  const [detail, fix] = texts.noTables(role)
  return [{ name, outcome: 'bad', detail, fix }]
}

async function fixFor(url: string, rights: DatabaseRights, texts: DatabaseTexts): Promise<string | null> {
  const { role, excess } = rights
  if (excess === null) return null
  if (excess !== 'superuser' && excess !== 'owner') return texts.limit[excess](role)
  return texts.setUp(await connected(url, (client) => setUpFor(client, rights)))
}

/** At the start; nothing is refused by it. */
export async function warnOfRights(run: RunSql, url: string, log: Log): Promise<void> {
  const rights = await rightsOf(run)
  const { role, database, excess } = rights
  if (excess === null) return
  const fix = await fixFor(url, rights, enDoctor.database).catch(() => 'stellwerk doctor')
  log.warn(`the database role reaches too far: ${enDoctor.database.excess[excess](role)}`, { role, database, fix })
}
