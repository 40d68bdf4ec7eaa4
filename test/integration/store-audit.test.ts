import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { Client } from 'pg'
import { verifyInclusion } from '../../src/core/audit/merkle.ts'
import type { AuditReport as EngineAuditReport } from '../../src/engine/control-plane.ts'
import { ExportSource } from '../../src/store/audit/export.ts'
import { type Audit, auditOf } from '../../src/store/audit/index.ts'
import { type AuditKey, openAuditKey } from '../../src/store/audit/key.ts'
import { openNote, parseCheckpoint } from '../../src/store/audit/note.ts'
import { type AuditReport, verifyLog } from '../../src/store/audit/verify.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { sha256 } from '../../src/store/event-data.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'

/** 20 events in four streams; checkpoints are signed after 8 and after 20. */
describe('the log proves that nobody has touched it', () => {
  let folder = ''
  let key: AuditKey
  let database: TestDatabase
  let store: PostgresStore
  let audit: Audit

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stellwerk-audit-'))
    key = await openAuditKey(folder)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  beforeEach(async () => {
    database = await testDatabase()
    store = await openPostgresStore({ connectionString: database.connectionString })
    audit = auditOf(store, key)
    for (let number = 1; number <= 20; number++) {
      await store.transact((tx) => {
        const data = { number, ratio: number / 7, text: `Größe ${number} 👩‍🚀`, list: [null, true, { b: 1, a: 2 }] }
        return tx.append(`s${number % 4}`, Math.ceil(number / 4) - 1, [{ type: 'Counted', actor: 'person:alex', data }])
      })
      if (number === 8) await audit.sign()
    }
    await audit.sign()
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  /** What only somebody with the whole power over the database can do. */
  async function tamper(...statements: readonly string[]): Promise<void> {
    const client = new Client({ connectionString: database.connectionString })
    await client.connect()
    await client.query('set session_replication_role = replica')
    for (const statement of statements) await client.query(statement)
    await client.end()
  }

  async function lines(): Promise<string[]> {
    return Array.fromAsync(audit.exportLines())
  }

  const check = async (text: readonly string[], anchors: readonly string[] = []) =>
    verifyLog(new ExportSource(text), { publicKey: await audit.publicKey(), anchors })

  function assertFound(report: AuditReport, position: number | null, message: RegExp): void {
    assert.equal(report.ok, false)
    const found = report.problems.some((problem) => problem.position === position && message.test(problem.message))
    assert.ok(found, JSON.stringify(report.problems, null, 2))
  }

  it('an untouched log verifies, in the database and as a file', async () => {
    const report: EngineAuditReport = await audit.verify()
    assert.deepEqual(report.problems, [])
    assert.deepEqual([report.ok, report.events, report.checkpoints], [true, 20, 2])
    const exported = await check(await lines())
    assert.deepEqual(exported, report)
    const unsigned = await verifyLog(new ExportSource((await lines()).map((line) => `${line}\n`)), {
      trustOwnKey: true,
    })
    assert.equal(unsigned.ok, true)
  })

  it('an empty log verifies, and its export proves nothing', async () => {
    const other = await testDatabase()
    const empty = await openPostgresStore({ connectionString: other.connectionString })
    const report = await auditOf(empty, key).verify()
    assert.deepEqual([report.ok, report.events, report.checkpoints], [true, 0, 0])
    assert.equal(await auditOf(empty, key).sign(), null)
    const text = await Array.fromAsync(auditOf(empty, key).exportLines())
    // Of an export of which nothing is left but its header the same could be said: it proves nothing.
    const { verdict } = await verifyLog(new ExportSource(text), { trustOwnKey: true })
    assert.equal(verdict, 'unproven')
    await empty.close()
    await other.drop()
  })

  it('the same log is signed once, and every note opens with the public key', async () => {
    const [one, two] = [await audit.sign(), await audit.sign()]
    assert.equal(one, two)
    assert.ok(one)
    assert.equal(openNote(one, await audit.publicKey()).ok, true)
    assert.equal(parseCheckpoint(one)?.size, 20)
  })

  it('the database refuses to change, remove or empty', async () => {
    const refused = /stellwerk\.(events|checkpoints) is append-only: (UPDATE|DELETE|TRUNCATE) is refused/
    for (const table of ['events', 'checkpoints']) {
      await assert.rejects(store.sql(`delete from stellwerk.${table}`), refused)
      await assert.rejects(store.sql(`truncate stellwerk.${table}`), refused)
    }
    await assert.rejects(store.sql(`update stellwerk.events set actor = 'person:eve'`), refused)
    await assert.rejects(store.sql(`update stellwerk.checkpoints set note = ''`), refused)
  })

  it('a change is found', async () => {
    await tamper(`update stellwerk.events set data = jsonb_set(data, '{number}', '99') where position = 5`)
    const report = await audit.verify()
    assertFound(report, 5, /Counted \(s1, version 2\) is not what was recorded: changed/)
    assertFound(report, 8, /up to position 8 are not those of the signed checkpoint: changed after position 0/)
    assertFound(await check(await lines()), 8, /are not those of the signed checkpoint/)
  })

  for (const column of [`actor = 'person:eve'`, `at = at + 1`, `type = 'Other'`, `version = 77`, `stream = 's9'`]) {
    it(`a change of ${column} is found`, async () => {
      await tamper(`update stellwerk.events set ${column} where position = 12`)
      assertFound(await audit.verify(), 12, /is not what was recorded/)
    })
  }

  it('a change with a leaf that fits is found by the head, and by the checkpoints', async () => {
    const forged = (await store.readAll(11, 1)).map((event) => ({ ...event, actor: 'person:eve' }))
    const { leafBytes } = await import('../../src/store/event-data.ts')
    const { leafHash } = await import('../../src/core/audit/merkle.ts')
    const leaf = Buffer.from(leafHash(sha256, leafBytes(forged[0] as (typeof forged)[0]))).toString('hex')
    await tamper(`update stellwerk.events set actor = 'person:eve', leaf = '\\x${leaf}' where position = 12`)
    const report = await audit.verify()
    assertFound(report, null, /the root over all 20 events is not the one that the log recorded/)
    assertFound(report, 20, /are not those of the signed checkpoint: changed after position 8/)
  })

  it('a removal is found: within, and at the end', async () => {
    await tamper('delete from stellwerk.events where position in (6, 7)')
    assertFound(await audit.verify(), 6, /positions 6 to 7 are missing: removed/)
    assertFound(await check(await lines()), 6, /positions 6 to 7 are missing: removed/)
    await tamper('delete from stellwerk.events where position > 17')
    assertFound(await audit.verify(), null, /recorded 20 events, 15 are there: removed from its end/)
    assertFound(await audit.verify(), 20, /counts more events than the 15 that are there: removed/)
  })

  it('another order is found', async () => {
    await tamper(
      'update stellwerk.events set position = 1000 where position = 3',
      'update stellwerk.events set position = 3 where position = 4',
      'update stellwerk.events set position = 4 where position = 1000',
    )
    const report = await audit.verify()
    assertFound(report, 3, /changed or moved/)
    assertFound(report, 4, /changed or moved/)
    const text = await lines()
    ;[text[10], text[11]] = [text[11] as string, text[10] as string]
    assertFound(await check(text), 10, /position 10 comes after 11: inserted or put in another order/)
  })

  it('an insertion is found: past the head, before the beginning, and as a double', async () => {
    const insert = (position: number, version: number) =>
      `insert into stellwerk.events select ${position}, 's0', ${version}, at, actor, type, data, leaf
        from stellwerk.events where position = 20`
    const text = await lines()
    text.splice(5, 0, text[4] as string)
    assertFound(await check(text), 4, /position 4 comes after 4: inserted/)
    await tamper(insert(21, 6))
    const report = await audit.verify()
    assertFound(report, 21, /changed or moved/)
    assertFound(report, null, /recorded 20 events, 21 are there: inserted past its head/)
    await tamper(insert(0, 7))
    assertFound(await audit.verify(), 0, /position 0 comes after 0: inserted/)
  })

  it('a checkpoint that was removed, forged or exchanged is found', async () => {
    const text = await lines()
    assertFound(await check(text.slice(0, -1)), 9, /from position 9 on are covered by no valid checkpoint/)
    const forged = text.with(text.length - 1, (text.at(-1) as string).replace('\\n20\\n', '\\n19\\n'))
    assertFound(await check(forged), 19, /checkpoint of size 19 is not valid: its signature does not fit/)
    assertFound(
      await check(text.with(text.length - 1, '{"checkpoint":"nonsense"}')),
      null,
      /a checkpoint cannot be read/,
    )
    await tamper(`update stellwerk.log_head set frontier[1] = '\\x00'`)
    assertFound(await audit.verify(), null, /not the one that the log recorded/)
  })

  it('a log that was forged with its own key is found by a checkpoint kept elsewhere', async () => {
    const anchor = (await audit.sign()) as string
    const other = await testDatabase()
    const forged = await openPostgresStore({ connectionString: other.connectionString })
    const [head] = (await store.sql('select log_id from stellwerk.log_head')).rows
    await forged.sql('update stellwerk.log_head set log_id = $1', [head?.['log_id']])
    await forged.transact((tx) => tx.append('s1', 0, [{ type: 'Invented', actor: 'person:eve', data: {} }]))
    const audit2 = auditOf(forged, key)
    await audit2.sign()
    assert.equal((await audit2.verify()).ok, true)
    assertFound(await audit2.verify({ anchors: [anchor] }), 20, /counts more events than the 1 that are there/)
    assert.equal((await audit.verify({ anchors: [anchor] })).ok, true)
    await forged.close()
    await other.drop()
  })

  it('a file that is no export is refused line by line, but not for ever', async () => {
    const report = await verifyLog(new ExportSource(['<html>', ...Array<string>(500).fill('nonsense')]))
    assertFound(report, null, /line 1 is not the header of an export in format stellwerk-log\/1/)
    assertFound(report, null, /line 2 is no event and no checkpoint/)
    assert.ok(report.problems.length <= 101)
    const other = (await lines()).with(3, '{"event":{"position":"3"}}')
    assertFound(await check(other), null, /line 4 is no event/)
  })

  it('single events are proven by a few hashes and a checkpoint', async () => {
    const root = (await audit.verify()).root
    const positions = [1, 7, 8, 16, 17, 20]
    const proofs = await audit.prove(positions, 20)
    assert.deepEqual(
      proofs.map((proof) => proof.position),
      positions,
    )
    for (const { position, size, leaf, proof } of proofs) {
      const claim = { index: position - 1, size, leaf, root: Buffer.from(root, 'hex'), proof }
      assert.equal(verifyInclusion(sha256, claim), true, `position ${position}`)
      assert.equal(verifyInclusion(sha256, { ...claim, index: position % 20 }), false)
    }
    const earlier = parseCheckpoint(
      (await store.sql('select note from stellwerk.checkpoints order by size')).rows[0]?.['note'] as string,
    )
    const [proof] = await audit.prove([5], 8)
    assert.ok(earlier && proof)
    assert.equal(verifyInclusion(sha256, { ...proof, index: 4, root: earlier.root }), true)
    await assert.rejects(audit.prove([21], 20), /no leaf 20 in a tree of 20 leaves/)
  })

  it('more than one batch of events is read', async () => {
    const events = Array.from({ length: 2500 }, (_, n) => ({ type: 'Counted', actor: 'system', data: { n } }))
    await store.transact((tx) => tx.append('long', 0, events))
    const report = await audit.verify()
    assert.deepEqual([report.ok, report.events], [true, 2520])
    assert.equal((await check(await lines())).ok, true)
  })
})
