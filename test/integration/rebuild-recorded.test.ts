/**
 * Goal: a database of an earlier version can be rebuilt by this one. Method: the logs that 0.1.0 wrote, kept as they were
 * written, are appended to an empty database, whose tables beside the log are made from them alone.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { tokenProjector } from '../../src/adapters/identity/token-projection.ts'
import { viewOf } from '../../src/core/rollout/view.ts'
import { ENGINE_PROJECTORS } from '../../src/engine/projection.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { stateOf } from '../../src/engine/streams.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { leafFrame } from '../../src/store/event-data.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'
import { type Answer, inTodaysWords } from '../recorded/words.ts'

type Answers = Readonly<Record<string, Readonly<Record<string, Answer>>>>

const HERE = join(import.meta.dirname, '../recorded')

/** Of a stream as it was, or of an export, whose lines say what they are. */
function recordedIn(file: string): readonly StoredEvent[] {
  const lines = gunzipSync(readFileSync(join(HERE, file)))
    .toString()
    .trimEnd()
    .split('\n')
  return lines.flatMap((line) => {
    const read = JSON.parse(line) as { event?: StoredEvent } & StoredEvent
    return read.event ?? ('stream' in read ? read : [])
  })
}

for (const version of readdirSync(HERE).filter((name) => name.startsWith('v')))
  describe(`a log that ${version} wrote`, () => {
    const answers = JSON.parse(readFileSync(join(HERE, version, 'answers.json'), 'utf8')) as Answers
    let database: TestDatabase
    let store: PostgresStore

    beforeEach(async () => {
      database = await testDatabase()
      store = await openPostgresStore({ connectionString: database.connectionString })
    })
    afterEach(async () => {
      await store.close()
      await database.drop()
    })

    async function rebuilt(name: string) {
      const events = recordedIn(`${version}/${name}.ndjson.gz`)
      const rows = events.map((event) => ({ ...event, ...leafFrame(event), data: JSON.stringify(event.data) }))
      await store.sql('select stellwerk.append($1::json)', [JSON.stringify(rows)])
      const made = await store.rebuild({ projectors: [...ENGINE_PROJECTORS, tokenProjector], missing: async () => [] })
      assert.deepEqual([made.events, made.unreadable], [events.length, []])
      return events
    }

    for (const [name, streams] of Object.entries(answers))
      it(`${name} is rebuilt, with the answers that were given then`, async () => {
        const events = await rebuilt(name)
        for (const [stream, answer] of Object.entries(streams)) {
          const row = await store.row(stream)
          const { at } = events.findLast((event) => event.stream === stream)!
          const view = viewOf(stateOf(rollouts, row!)!, at)
          assert.partialDeepStrictEqual(JSON.parse(JSON.stringify(view)), inTodaysWords(answer))
        }
        const listed = await store.list({ kind: 'rollout' })
        assert.deepEqual(
          Object.keys(streams).filter((stream) => listed.every((one) => one.stream !== stream)),
          [],
        )
        for (const { holder, queue } of await store.environments())
          for (const id of [holder, ...queue])
            assert.ok(id === null || !listed.find(({ stream }) => stream === id)?.final || name === 'needs-human')
      })

    it('its demo is rebuilt: what is stable, what is barred, who opened incidents', async () => {
      await rebuilt('demo.export')
      const [row, ...others] = await store.environments()
      assert.deepEqual(others, [])
      const { stable, rollouts, barred } = row!.facts as {
        stable: { version: string }
        rollouts: number
        barred: unknown[]
      }
      assert.deepEqual([row!.holder, row!.queue, stable.version, rollouts, barred.length], [null, [], 'v2.0.0', 3, 1])
      assert.equal((await store.list({ kind: 'incident' })).length, 1)
    })
  })
