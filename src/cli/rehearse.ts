import { problemDetail } from '../stellwerk-yaml/problem.ts'
import { english, quote, say, verbatim } from '../core/say.ts'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { KeptRehearsal, RehearsalRecord } from '../core/rollback-path.ts'
import { instant } from '../core/time.ts'
import { EXIT, StellwerkError, whyUnread } from '../errors.ts'
import type { Scenario } from '../rehearsal/scenario/schema.ts'
import { required } from './answer.ts'
import { rehearsalPlans, type Planned } from './rehearse/plans.ts'
import { reportRehearsal, saySummary } from './rehearse/report.ts'
import { table } from './screen/table.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type Shell, usageError } from './verb.ts'

export const rehearse = defineVerb({
  name: 'rehearse',
  summary: say`Run a release of this spec in a simulated world, in seconds, touching nothing`,
  takes: ['environment', 'file', 'json', 'server', 'data'],
  description: say`Compiles the spec, then lets the real engine release a made-up version into simulated platforms, routers and users on a virtual clock. Without --scenario: a good release and a bad one. Ends like the release it rehearsed, or, where the scenario says what it expects, with 0 or 10. It needs no control plane and contacts none, unless --record is given: then a rollback that came as expected is handed over for the gate "rollback-rehearsed"; that needs a token with the scope "deploy".`,
  options: {
    scenario: {
      flags: '--scenario <file|name>',
      description: say`What happens: a scenario file, or a shipped scenario (--list)`,
    },
    seed: { flags: '--seed <number>', description: say`Another random seed than the scenario's own` },
    record: {
      flags: '--record',
      description: say`Hand a rollback that happened as expected over to the control plane; fails when there was none`,
    },
    list: { flags: '--list', description: say`List the shipped scenarios, with what each is about` },
  },
  examples: [
    'stellwerk rehearse -e prod',
    'stellwerk rehearse -e prod --record',
    'stellwerk rehearse -e prod --scenario error-rate',
    'stellwerk rehearse -e prod --scenario friday-evening.yaml --seed 7 --json',
  ],
  async run({ options, ...shell }) {
    const { DEFAULT_PAIR } = await import('../rehearsal/scenario/shipped.ts')
    if (options.list) return listShipped(shell)
    const named = options.scenario === undefined ? DEFAULT_PAIR : [options.scenario]
    const seed = options.seed === undefined ? null : seedOf(options.seed)
    const planned = await rehearsalPlans(shell)
    const ends: Rehearsed[] = []
    for (const name of named) {
      const scenario = await scenarioNamed(shell, name)
      ends.push(await rehearseOne(shell, planned, seed === null ? scenario : { ...scenario, seed }))
    }
    const worst = ends.findLast(({ code }) => code !== 0)?.code ?? EXIT.done.code
    const proven = ends.flatMap(({ record }) => record ?? [])
    if (options.record) return handOver(shell, proven, worst)
    if (ends.some(({ record, isDemanded }) => record !== null && isDemanded))
      shell.screen.progress(shell.text.rehearsal.notHandedOver)
    return worst
  },
})

type Rehearsed = {
  readonly code: number
  readonly record: RehearsalRecord | null
  /** The plan has a gate that asks for it. */
  readonly isDemanded: boolean
}

/** Exit code 0 only if the control plane has it. */
async function handOver(shell: Shell, proven: readonly RehearsalRecord[], worst: number): Promise<number> {
  const { screen, text, client } = shell
  if (proven.length === 0) {
    screen.say(text.rehearsal.nothingProven)
    return worst === EXIT.unexpected.code ? worst : EXIT.failed.code
  }
  for (const body of proven) {
    const kept = await client.post<KeptRehearsal>('/rehearsals', { doing: say`hand over the rehearsal`, body })
    screen.progress(text.rehearsal.handedOver(`${body.service} ${body.environment}`, kept.by))
  }
  return worst
}

async function listShipped({ globals, screen, io }: Shell): Promise<number> {
  const { shippedNames, shippedTitle } = await import('../rehearsal/scenario/shipped.ts')
  const shipped = shippedNames().map((name) => ({ name, title: shippedTitle(name) }))
  if (globals.json) for (const scenario of shipped) screen.result(JSON.stringify(scenario))
  else
    screen.result(
      table(
        shipped.map(({ name, title }) => [name, title]),
        columnsOf(io.stdout),
        false,
      ),
    )
  return 0
}

async function rehearseOne(shell: Shell, planned: Planned, scenario: Scenario): Promise<Rehearsed> {
  const { rehearse: run } = await import('../rehearsal/run.ts')
  const { mismatches } = await import('../rehearsal/expect.ts')
  const { recordOf } = await import('../rehearsal/record.ts')
  const plans = await planned(scenario)
  const began = performance.now()
  const rehearsal = await run({ scenario, planned: plans }).catch((error: unknown) => {
    const why = quote(error instanceof Error ? error.message : String(error))
    throw new StellwerkError(
      'failed',
      {
        what: say`the rehearsal "${scenario.scenario}" came to no end`,
        why,
        fix: say`look at the scenario; if nothing in it explains this, report it with scenario and seed`,
      },
      error,
    )
  })
  const code = await reportRehearsal(shell, rehearsal)
  saySummary(shell, rehearsal, performance.now() - began)
  const { plan } = plans(scenario.releases[0]!.version)
  const record = recordOf(rehearsal, plan, instant(shell.io.now()))
  const isDemanded = plan.gates.some(({ kind }) => kind === 'rollback-rehearsed')
  const wrong = mismatches(rehearsal)
  if (wrong.length > 0)
    shell.screen.say([shell.text.rehearsal.unexpected, ...wrong.map((text) => `  ${text}`)].join('\n'))
  const expected = wrong.length > 0 ? EXIT.unexpected.code : EXIT.done.code
  return { code: scenario.expect === undefined ? code : expected, record, isDemanded }
}

function seedOf(text: string): number {
  const seed = Number(text)
  if (/^\d{1,9}$/.test(text)) return seed
  throw usageError(
    say`--seed "${text}" cannot be read`,
    say`it must be a whole number from 0 to 999999999`,
    verbatim('--seed 7'),
  )
}

/** A shipped name wins only where no such file is meant: a path or `.yaml` is always a file. */
async function scenarioNamed({ io }: Shell, name: string): Promise<Scenario> {
  const { shippedFile, shippedNames } = await import('../rehearsal/scenario/shipped.ts')
  const { readScenario } = await import('../rehearsal/scenario/read.ts')
  const source = shippedNames().includes(name) ? shippedFile(name) : { file: name, text: await fileNamed(io.cwd, name) }
  const read = readScenario(source)
  if (read.ok) return read.scenario
  const { path, count } = { path: source.file, count: read.problems.length }
  const said = count === 1 ? say`${path}: one problem` : say`${path}: ${count} problems`
  return required(
    {
      ok: false,
      kind: 'invalid',
      message: english(said),
      said,
      problems: read.problems.map(problemDetail),
    },
    say`use ${path}`,
    say`docs/reference/scenario.md names every key`,
  )
}

function fileNamed(cwd: string, name: string): Promise<string> {
  const file = resolve(cwd, name)
  return readFile(file, 'utf8').catch((error: unknown) => {
    const why = whyUnread(error, file)
    throw usageError(
      say`cannot read the scenario ${name}`,
      why,
      say`"stellwerk rehearse --list" names those that are shipped`,
    )
  })
}
