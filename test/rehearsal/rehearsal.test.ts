/** Goal: a rehearsal is the same for the same seed, says what it saw, and notices what was expected otherwise. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../src/core/plan.ts'
import type { Command } from '../../src/core/rollout/commands.ts'
import { instant } from '../../src/core/time.ts'
import { mismatches } from '../../src/rehearsal/expect.ts'
import { recordOf } from '../../src/rehearsal/record.ts'
import { en } from '../../src/text/en.ts'
import { progressLines } from '../../src/cli/screen/progress.ts'
import { shippedFile } from '../../src/rehearsal/scenario/shipped.ts'
import { play, scenarioOf } from './play.ts'

const NOISY = `
scenario: a release with errors of its own
live: { build: { errors: 0.4% } }
releases: [{ version: v2, build: { errors: 0.4% } }]
`

const BAD = `
scenario: a bad one
releases: [{ version: v2, changes: [{ from: { phase: holding, after: 1s }, errors: 40% }] }]
`

async function planIn(text: string): Promise<{ rehearsal: Awaited<ReturnType<typeof play>>; plan: Plan }> {
  const rehearsal = await play(scenarioOf(text))
  const requested = rehearsal.events.find(({ type }) => type === 'RolloutRequested')
  assert.ok(requested)
  return { rehearsal, plan: (requested.data as unknown as { plan: Plan }).plan }
}

describe('a rehearsal', () => {
  it('is the same to the last event for the same seed, and another for another', async () => {
    const [first, second, other] = await Promise.all([
      play(scenarioOf(NOISY)),
      play(scenarioOf(NOISY)),
      play({ ...scenarioOf(NOISY), seed: 2 }),
    ])
    assert.deepEqual(second.events, first.events)
    assert.deepEqual(second.users, first.users)
    assert.notDeepEqual(other.users, first.users)
  })

  it('says of every expectation that was not met which one, and what came instead', async () => {
    const expect = `expect: { releases: { v2: { end: finalized, within: 1m, because: nothing } }, serves: v2, badAnswers: 0 }`
    const found = mismatches(await play(scenarioOf(`${BAD}${expect}\n`)))
    assert.equal(found.length, 5, found.join('\n'))
    assert.match(found[0]!, /^v2 should be finalized; it is rolled-back: api: the candidate is worse beyond chance/)
    assert.match(found[1]!, /because of "nothing"/)
    assert.match(found[2]!, /within 1m; it took 3\d?m/)
    assert.match(found[3]!, /should get v2 at the end; they get v1/)
    assert.match(found[4]!, /answers to users were 5xx, at most 0/)
  })

  it('calls people at once, and once, when live suffers as well, and tells them when that has ended', async () => {
    const { text, file } = shippedFile('shared-cause-ends')
    const { events, startedAt } = await play(scenarioOf(text, file))
    const [found, ...more] = events.filter(({ type }) => type === 'SharedCauseFound')
    assert.ok(found && more.length === 0, `${more.length} more`)
    // It begins about two minutes after the start, one after the first shift.
    assert.ok(found.at - startedAt < 150_000, `after ${found.at - startedAt} ms`)
    assert.equal(events.filter(({ type }) => type === 'SharedCauseEnded').length, 1)
    const told = events.flatMap(({ type, at, data }) => {
      const { command } = data as { readonly command?: Command }
      return type === 'CommandIssued' && command?.type === 'Notify' ? [{ at, ...command.message }] : []
    })
    const about = told.filter(({ event }) => event === 'shared-cause')
    assert.deepEqual(
      about.map(({ priority }) => priority),
      ['P2', 'info'],
    )
    assert.equal(about[0]?.at, found.at)
    assert.match(about[0]?.text ?? '', /a shared cause that a rollback would not fix; held without a rollback/)
    assert.match(about[0]?.text ?? '', /Look for what both share.*`stellwerk rollback` takes it back anyway\.$/)
    assert.match(about[0]?.serving ?? '', /v1 90 %/)
    const lines = events.flatMap((event) => progressLines(event, en)).map((line) => line.text)
    assert.ok(
      lines.some((line) => line.startsWith('on hold and escalated, because live is affected too: api: error rate')),
    )
    assert.ok(lines.some((line) => line.startsWith('live has recovered, after ')))
  })

  it('resets the connection of whoever asks while the control plane dies; asked again, nothing happens twice', async () => {
    const { text, file } = shippedFile('control-plane-dies-asked')
    const { events } = await play(scenarioOf(text, file))
    const approved = events.filter(({ type }) => type === 'Approved').map(({ data }) => (data as { role: string }).role)
    assert.ok(approved.length > 0)
    assert.deepEqual(approved, [...new Set(approved)])
    assert.deepEqual(
      events.filter(({ type }) => type === 'RequestRefused'),
      [],
    )
  })

  it('leaves a record of a rollback that came as expected, of the plan that it was, and of nothing else', async () => {
    const { rehearsal, plan } = await planIn(BAD)
    const record = recordOf(rehearsal, plan, instant(7))
    assert.equal(record?.result, 'rolled-back')
    assert.equal(record?.at, 7)
    assert.equal(record?.environment, 'prod')
    const other = recordOf(rehearsal, { ...plan, timings: { ...plan.timings, watchMs: 1 } }, instant(7))
    assert.notEqual(other?.path, record?.path)
    const good = await planIn('scenario: a good one\n')
    assert.equal(recordOf(good.rehearsal, good.plan, instant(7)), null)
    const unexpected = await planIn(`${BAD}expect: { releases: { v2: { end: finalized } } }\n`)
    assert.equal(recordOf(unexpected.rehearsal, unexpected.plan, instant(7)), null)
    const coarse = await planIn(`${BAD}tick: 10s\n`)
    assert.equal(recordOf(coarse.rehearsal, plan, instant(7)), null)
  })
})
