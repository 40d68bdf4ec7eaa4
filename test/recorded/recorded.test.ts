/**
 * Goal: streams that an earlier version wrote are read by this one, and say the same. Method: real ones, kept as they were
 * written: rehearsed releases of 0.1.0 with the answers it gave of them (phase, exit code, reason, what serves), and the
 * signed export of its demo. New facts may stand beside the recorded ones; a recorded one never changes.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Recorded } from '../../src/core/rollout/events.ts'
import { incidents } from '../../src/core/incident/aggregate.ts'
import { viewOf as incidentView } from '../../src/core/incident/state.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { fold } from '../../src/engine/streams.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import { viewOf } from '../../src/core/rollout/view.ts'
import { ExportSource } from '../../src/store/audit/export.ts'
import { verifyLog } from '../../src/store/audit/verify.ts'
import { type Answer, inTodaysWords } from './words.ts'

type Stored = Recorded & { readonly stream: string }
type Answers = Readonly<Record<string, Readonly<Record<string, Answer>>>>

const HERE = import.meta.dirname
const lines = (file: string) =>
  gunzipSync(readFileSync(join(HERE, file)))
    .toString()
    .trimEnd()
    .split('\n')

function foldOf(events: readonly Stored[]): RolloutState {
  const state = fold(rollouts, events as unknown as readonly StoredEvent[])
  assert.ok(state)
  return state
}

function pick(data: unknown) {
  const { rollout, priority, title } = data as { rollout: string; priority: string; title: string }
  return { rollout, priority, title }
}

for (const version of readdirSync(HERE).filter((name) => name.startsWith('v')))
  describe(`streams recorded by ${version}`, () => {
    const answers = JSON.parse(readFileSync(join(HERE, version, 'answers.json'), 'utf8')) as Answers
    for (const [name, streams] of Object.entries(answers))
      for (const [stream, answer] of Object.entries(streams))
        it(`${name}: ${stream} folds to the answers that were given then`, () => {
          const events = lines(`${version}/${name}.ndjson.gz`)
            .map((line) => JSON.parse(line) as Stored)
            .filter((event) => event.stream === stream)
          const view = viewOf(foldOf(events), events.at(-1)!.at)
          assert.partialDeepStrictEqual(JSON.parse(JSON.stringify(view)), inTodaysWords(answer))
        })

    it('the incidents that its rollbacks opened are open', () => {
      const events = Object.keys(answers).flatMap((name) =>
        lines(`${version}/${name}.ndjson.gz`).map((line) => JSON.parse(line) as StoredEvent),
      )
      const opened = Map.groupBy(
        events.filter(({ stream }) => stream.startsWith('incident-')),
        ({ stream }) => stream,
      )
      assert.ok(opened.size > 0)
      for (const [stream, own] of opened) {
        const state = fold(incidents, own.slice(0, 1))
        assert.ok(state)
        const { id, phase, rollout, priority, title, openedAt } = incidentView(state)
        assert.deepEqual([id, phase, openedAt], [stream, 'open', own[0]!.at])
        assert.deepEqual({ rollout, priority, title }, pick(own[0]!.data))
      }
    })

    it('the export of its demo folds, and is intact', async () => {
      const exported = lines(`${version}/demo.export.ndjson.gz`)
      const events = exported.flatMap((line) => {
        const { event } = JSON.parse(line) as { event?: Stored }
        return event ? [event] : []
      })
      const rollouts = [...new Set(events.map(({ stream }) => stream))].filter((stream) => stream.includes('-demo-'))
      const ends = rollouts
        .filter((stream) => !stream.startsWith('incident'))
        .map((stream) => foldOf(events.filter((event) => event.stream === stream)).status)
      assert.deepEqual(ends, ['finalized', 'finalized', 'rolled-back'])
      const publicKey = readFileSync(join(HERE, version, 'demo.key'), 'utf8').trim()
      const report = await verifyLog(new ExportSource(exported), { publicKey })
      assert.deepEqual(report.problems, [])
      assert.equal(report.ok, true)
    })
  })
