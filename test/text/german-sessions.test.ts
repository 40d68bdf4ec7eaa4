/**
 * Goal: one output is one language. Method: whole rehearsed releases, good and bad, and the command line as a process, are
 * read in German; outside quotations and code there may be no common English word. What a person or a program said is a
 * quotation („…“), and so is what an earlier version recorded as a text alone.
 */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { told } from '../../src/adapters/notifier/wording.ts'
import { progressLines, verdictText } from '../../src/cli/screen/progress.ts'
import { alarmLines, reasonLines, waitingLines } from '../../src/cli/screen/rollout-block.ts'
import { servingSaid } from '../../src/cli/client/rollouts.ts'
import { inLanguage } from '../../src/composition/in-language.ts'
import type { Message } from '../../src/core/rollout/message.ts'
import { planText } from '../../src/cli/screen/plan-text.ts'
import { planForecast } from '../../src/core/forecast/plan-forecast.ts'
import { policyChanges } from '../../src/core/policy/changes.ts'
import { type Policy, policyOf } from '../../src/core/policy/policy.ts'
import type { Recorded } from '../../src/core/rollout/events.ts'
import { evolve } from '../../src/core/rollout/evolve.ts'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import { unwellAlarms } from '../../src/core/rollout/unwell.ts'
import { viewOf } from '../../src/core/rollout/view.ts'
import type { Notification } from '../../src/ports/notifier.ts'
import { say } from '../../src/core/say.ts'
import { FULL_SPEC, planOf } from '../../src/stellwerk-yaml/fixture.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { shippedFile } from '../../src/rehearsal/scenario/shipped.ts'
import { startCli } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { de } from '../../src/text/de.ts'
import { play, scenarioOf } from '../rehearsal/play.ts'
import { mustBeGerman } from './reads-german.ts'

/** What `notify` tells a German team of it. */
function toldOf(events: readonly StoredEvent[]): readonly string[] {
  return events.flatMap(({ type, data }) => {
    const { command } = data as { readonly command?: { readonly message?: Message } }
    if (type !== 'CommandIssued' || !command?.message) return []
    const about = {
      service: 'shop',
      environment: 'prod',
      version: 'v2',
      rollout: 'shop-prod-2',
      commit: null,
      run: null,
    }
    const { said, ...message } = inLanguage({ ...command.message, language: 'de', about }) as Message & Notification
    assert.equal(said, undefined, 'only words go out')
    const { heading, text, serving } = told(message)
    return [heading, text, serving]
  })
}

/** Everything that is shown of a stream: each event, and after it the rollout with its reason, wait and verdicts. */
function shown(events: readonly StoredEvent[]): readonly string[] {
  let state: RolloutState | null = null
  return events.flatMap((event) => {
    state = evolve(state, event as unknown as Recorded)
    const view = viewOf(state, event.at)
    return [
      ...progressLines(event, de).map(({ text }) => text),
      ...reasonLines(view, de),
      ...waitingLines(view, event.at, de),
      ...view.verdicts.map((verdict) => verdictText(verdict, de)),
      ...alarmLines([...view.alarms, ...unwellAlarms(state)], event.at, de),
      de.tell(servingSaid(view.serving)),
    ]
  })
}

describe('a release is told of in German, whatever becomes of it', () => {
  for (const name of [
    'good',
    'bad',
    'blind-platform',
    'blind-router',
    'crash',
    'hang',
    'latency',
    'memory',
    'metrics-gone',
    'never-ready',
    'nobody-approves',
    'paused-and-forgotten',
    'person-rolls-back',
    'relative',
    'router-ignores-rollback',
    'router-taken-away',
    'shared-cause',
    'silence',
    'smoke-red',
  ]) {
    it(name, async () => {
      const { text, file } = shippedFile(name)
      const rehearsal = await play(scenarioOf(text, file))
      const lines = rehearsal.releases.flatMap(({ events }) => [...shown(events), ...toldOf(events)])
      assert.ok(lines.length > 20, `${lines.length} lines`)
      mustBeGerman(lines)
    })
  }
})

describe('the command line answers in German', () => {
  for (const [line, code] of [
    ['help', 0],
    ['help deploy', 0],
    ['help approve', 0],
    ['help rehearse', 0],
    ['help token create', 0],
    ['help audit verify', 0],
    ['help up', 0],
    ['deploy --nonsense', 2],
    ['nonsense', 2],
    ['status', 8],
    ['deploy -e prod --artifact v9', 2],
    ['pause r-1 --reason x --server nowhere', 2],
    ['validate --file gone.yaml', 2],
    ['logs --lines many', 2],
    ['doctor', 0],
  ] as const) {
    it(line, async () => {
      const cwd = await temporaryFolder('german')
      try {
        await writeFile(
          join(cwd, 'stellwerk.yaml'),
          'service: shop\ncomponents: { api: {} }\nenvironments: { prod: {} }\n',
        )
        const run = await startCli([...line.split(' '), '--lang', 'de'], { cwd }).ended
        if (line !== 'doctor') assert.equal(run.code, code, run.stderr)
        mustBeGerman(`${run.stdout}\n${run.stderr}`.split('\n'))
      } finally {
        await rm(cwd, { recursive: true, force: true })
      }
    })
  }
})

describe('a plan is shown in German', () => {
  const refused = say`the spec weakens the policy in force for ${'prod'} (version ${3}), which names nobody who could consent to that: ${say`the gate ${'variables'} is removed`}. Leave it as it is, or have it changed by whoever may set policies (stellwerk policy set -e ${'prod'})`
  const [held, next] = [planOf(FULL_SPEC, 'prod'), planOf(FULL_SPEC, 'dev')].map(policyOf) as [Policy, Policy]
  const changes = [...policyChanges(held, next, {}), ...policyChanges(next, held, {})]

  for (const previous of ['v1', null, undefined]) {
    it(`where ${previous ?? String(previous)} is live`, () => {
      const plan = planOf(FULL_SPEC, 'prod')
      const forecast = planForecast(plan, {}, previous === null)
      const standing = { kind: 'refused', changes, why: '', said: refused } as const
      assert.ok(changes.length > 6, `${changes.length} changes`)
      mustBeGerman(planText({ plan, planHash: 'c0ffee', forecast, standing, previous }, de).split('\n'))
    })
  }
})

/** One file per way of going wrong: its text, its keys, its values, its names, its rules, its secrets. */
const WRONG_SPECS: Readonly<Record<string, string>> = {
  'no YAML': 'service: [shop\n',
  'a tab': 'service: shop\ncomponents:\n\tapi: {}\n',
  'a key twice': 'service: shop\nservice: shop\ncomponents: { api: {} }\nenvironments: { prod: {} }\n',
  empty: '',
  'a list': '- service\n',
  'keys and values': `service: Shop
componets: { api: {} }
regions: [eu]
rollout: { steps: [50%, 10%], hold: 5, bake: "5 minutes", limits: { start: -1, smoke: [] } }
approvals: [{ role: nobody, at: sometime }]
people: { captain: [kim@example.com, "group:gone"] }
smoke: [{ http: health, timeout: 99h, headers: { authorization: "Bearer abcdefghijklmnopqrstuvwxyz" } }]
notify: [{ on: P9, to: { kind: pager } }]
gates: [{ kind: command, run: ./check.sh }]
environments: { prod: {} }
`,
  'no effect': `service: shop
components:
  api:
    platform: { kind: process, command: node a.js }
    router: { kind: embedded, timeout: 10s, deadline: 20s }
rollout: { rollbackWindow: 0s }
rollback: { watch: 0s }
smoke: [{ http: GET /health }]
analysis: [{ metric: error-rate, max: 1% }]
environments: { prod: {} }
`,
  'names and rules': `service: shop
people: { captain: [kim, ki-m], idle: [lee] }
approvals: [{ role: captian }]
components:
  api: { after: [worker] }
  worker: { after: [api] }
analysis:
  - { metric: error-rate }
  - { metric: error-rate, max: 100%, trigger: { above: 50%, for: 5m } }
  - { metric: error-rate, relativeTo: live }
  - { metric: latency-p95, compare: sequential, margin: 20% }
  - { metric: own, query: "sum($slat", max: 5% }
  - { metric: memory, silence: 5m }
smoke: [{ http: GET /health, body: { a: 1 } }, { http: GET /health, component: apo }]
variables: { DB_PASSWORD: hunter2hunter2, PORT: "80" }
secrets: { IDLE: { kind: env, name: IDLE } }
environments:
  prod:
    components:
      api: { platform: { kind: process, command: "node a.js && true" }, router: { kind: embedded, listen: "10.0.0.1:99999" } }
      worker: { platform: { kind: process, command: node b.js } }
`,
}

describe('what is wrong in stellwerk.yaml is said in German, and quoted is only what stands there', () => {
  for (const [name, text] of Object.entries(WRONG_SPECS)) {
    it(name, async () => {
      const cwd = await temporaryFolder('german')
      try {
        await writeFile(join(cwd, 'stellwerk.yaml'), text)
        const run = await startCli(['validate', '--lang', 'de'], { cwd }).ended
        assert.equal(run.code, 2, run.stderr)
        assert.match(run.stderr, /stellwerk\.yaml:\d+:\d+: /)
        // The lines of the file below each problem are the author's.
        mustBeGerman(run.stderr.split('\n').filter((line) => !/^\s*(?:\d+ )?[|│]/.test(line)))
      } finally {
        await rm(cwd, { recursive: true, force: true })
      }
    })
  }
})
