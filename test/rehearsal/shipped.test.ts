/**
 * Goal: every scenario that is shipped ends as it says, with the spec of the Lokaltreu example, from its own seed; that of a
 * trigger is taken back by that trigger, and not by another which happens to fire as well.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { mismatches } from '../../src/rehearsal/expect.ts'
import type { Rehearsal } from '../../src/rehearsal/result.ts'
import { shippedFile, shippedNames } from '../../src/rehearsal/scenario/shipped.ts'
import { ROOT } from '../../tools/tool.ts'
import { LOKALTREU, scenarioOf } from './play.ts'
import { type Player, startPlayer } from './thread.ts'

type Route = { readonly weights: Readonly<Record<string, number>> }
type Trigger = { readonly rows: string; readonly reason: RegExp; readonly spec: string }

/** The example with these rules alone. */
function judgedBy(...rules: readonly string[]): string {
  const text = LOKALTREU.replace(
    /^analysis:\n(?: {2}.*\n)+/m,
    `analysis:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`,
  )
  assert.notEqual(text, LOKALTREU)
  return text
}

const CALM = '{ metric: memory, max: 1GB }'

/** Each with nothing else that could take it back, but for what is judged without any rule. */
const TRIGGERS: Readonly<Record<string, Trigger>> = {
  'error-rate': {
    rows: '[R-E02] [R-F01]',
    reason: /error rate of the candidate was .* above the 2 %/,
    spec: judgedBy('{ metric: error-rate, max: 1%, trigger: { above: 2%, for: 5m } }'),
  },
  latency: {
    rows: '[R-E01] [R-F01]',
    reason: /p95 latency of the candidate was .* above the 500ms/,
    spec: judgedBy('{ metric: latency-p95, max: 300ms, trigger: { above: 500ms, for: 5m } }'),
  },
  relative: {
    rows: '[R-E03] [R-F01]',
    reason: /more than the 50 % above .* that are allowed/,
    spec: judgedBy('{ metric: error-rate, relativeTo: live, margin: 50%, for: 5m }', CALM),
  },
  sequential: {
    rows: '[R-E03]',
    reason: /worse beyond chance/,
    spec: judgedBy('{ metric: error-rate, compare: sequential }', CALM),
  },
  'one-route-dead': {
    rows: '[R-E03]',
    reason: /api: POST \/payments is bad at the candidate: (\d+) of \1 requests failed/,
    spec: judgedBy('{ metric: error-rate, compare: sequential }', CALM),
  },
  'readiness-flapping': {
    rows: '[R-E05] [R-F01]',
    reason: /share of failed readiness probes of the candidate/,
    spec: judgedBy('{ metric: readiness-flapping, max: 0.1%, trigger: { above: 0.5%, for: 1m } }'),
  },
  silence: {
    rows: '[R-E07] [R-F01]',
    reason: /logged nothing for 10m/,
    spec: judgedBy('{ metric: info-logs, silence: 10m }'),
  },
  memory: {
    rows: '[R-E08] [R-F01]',
    reason: /memory of the candidate was .* above the/,
    spec: judgedBy('{ metric: memory, max: 256MB, trigger: { above: 300MB, for: 10s } }'),
  },
  crash: { rows: '[R-F01]', reason: /an instance of api exited once under traffic/, spec: judgedBy(CALM) },
  'red-health': { rows: '[R-F01]', reason: /the candidate was not ready 3 looks in a row/, spec: judgedBy(CALM) },
  hang: { rows: '[R-E07]', reason: /the candidate hangs/, spec: judgedBy(CALM) },
}

/** A scenario about a key that the example does not use. */
const SPECS: Readonly<Record<string, string>> = {
  'control-share': LOKALTREU.replace('  bake: 30m\n', '  bake: { for: 30m, control: 5% }\n'),
}

/** Those of what is not taken back, with rules that find it. */
const HEALS: Readonly<Record<string, string>> = {
  'wandering-rate-alone': judgedBy('{ metric: error-rate, compare: sequential }', CALM),
  'warm-cache': judgedBy(
    '{ metric: error-rate, compare: sequential }',
    '{ metric: latency-p95, compare: sequential, max: 500ms }',
    CALM,
  ),
}

function assertTakenBackBy({ reason }: Trigger, { events }: Rehearsal): void {
  const trigger = events.find(({ type }) => type === 'RollbackTriggered')
  assert.ok(trigger, 'nothing was rolled back')
  assert.match((trigger.data as { readonly text: string }).text, reason)
}

describe('a shipped scenario', () => {
  let player: Player
  before(() => {
    player = startPlayer()
  })
  after(() => player.end())

  for (const name of shippedNames()) {
    const trigger = TRIGGERS[name]
    it(`${name}${trigger ? `, taken back by just that ${trigger.rows}` : ''}`, async () => {
      const { text, file } = shippedFile(name)
      const scenario = scenarioOf(text, file)
      assert.ok(scenario.expect, `${file} expects nothing`)
      assert.match(text, /^# \S/, `${file} begins without saying what it is about`)
      const rehearsal = await player.play(scenario, trigger?.spec ?? SPECS[name] ?? HEALS[name])
      assert.deepEqual(mismatches(rehearsal), [])
      if (trigger) assertTakenBackBy(trigger, rehearsal)
    })
  }

  it('[R-D11] control-share keeps its share on live for the whole bake, and no longer', async () => {
    const { text, file } = shippedFile('control-share')
    const { events } = await player.play(scenarioOf(text, file), SPECS['control-share'])
    const shares = events.flatMap(({ type, at, data }) => {
      const { command } = data as { readonly command?: { readonly type: string; readonly route?: Route } }
      return type === 'CommandIssued' && command?.route
        ? [{ at, live: Math.min(...Object.values(command.route.weights)) }]
        : []
    })
    const [kept, over] = shares.slice(-2)
    assert.deepEqual([kept?.live, over?.live], [5, 0])
    assert.ok(over!.at - kept!.at >= 30 * 60_000)
  })

  it('[R-E03] of what heals is taken back where nobody has patience', async () => {
    const impatient = HEALS['warm-cache']!.replace(/^analysis:\n((?: {2}.*\n)+)/m, (_, rules: string) => {
      return `analysis:\n  patience: 0s\n  rules:\n${rules.replaceAll(/^ {2}/gm, '    ')}`
    })
    const { text, file } = shippedFile('warm-cache')
    const { events } = await player.play(scenarioOf(text, file), impatient)
    const trigger = events.find(({ type }) => type === 'RollbackTriggered')
    assert.match((trigger?.data as { readonly text?: string } | undefined)?.text ?? '', /it is slower than live/)
  })

  it('[R-E03] of one dead route is taken back in time, and names it, only where routes are judged', async () => {
    const unaware = TRIGGERS['one-route-dead']!.spec.replace(/^analysis:\n((?: {2}.*\n)+)/m, (_, rules: string) => {
      return `analysis:\n  segments: { learn: 0 }\n  rules:\n${rules.replaceAll(/^ {2}/gm, '    ')}`
    })
    const { text, file } = shippedFile('one-route-dead')
    const { releases } = await player.play(scenarioOf(text, file), unaware)
    assert.equal(releases[0]!.view.phase, 'rolled-back')
    assert.doesNotMatch(releases[0]!.view.reason ?? '', /POST/)
    assert.ok(releases[0]!.decidedMs! > 90_000, `found after ${releases[0]!.decidedMs} ms`)
  })

  it('stands on the page of lessons when it is about a peer, and says at its head who and what holds', () => {
    const page = readFileSync(join(ROOT, 'docs/concepts/lessons.md'), 'utf8')
    const named = [...page.matchAll(/^\| `(peers\/[^`]+)`/gm)].map(([, name]) => name)
    const peers = shippedNames().filter((name) => name.startsWith('peers/'))
    assert.deepEqual(named, peers)
    for (const name of peers) {
      const { text } = shippedFile(name)
      const number = name.replace(/^peers\/\w+-/, '#')
      assert.ok(text.split('\n')[0]!.includes(number), `${name} does not begin with ${number}`)
      assert.match(text, /^# Stellwerk: /m, `${name} does not say what Stellwerk does`)
    }
  })
})
