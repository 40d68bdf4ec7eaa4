/**
 * A plan for people: what will happen, what it is judged by, and the way back from every step (R-F05), in one language. It is
 * what an approver reads, so it leaves out nothing that the plan decides. It is data, sections of rows: a terminal lays them
 * out in columns, a page in tables.
 */
import type { Forecast } from '../../core/forecast/detectable-effect.ts'
import type { SegmentsAsked } from '../../core/analysis/sequential/options.ts'
import { isComparison } from '../../core/analysis/rules.ts'
import { type Plan, type PlannedComponent, secretText, stepsThatRun } from '../../core/plan.ts'
import type { Standing } from '../../core/policy/govern.ts'
import { lookLimitMs, noDataForMs } from '../../core/rollout/no-data.ts'
import { listed, type Part, quote, say, type Sentence } from '../../core/say.ts'
import type { SetChange } from '../../core/set-changes.ts'
import { durationText } from '../../core/time.ts'
import { routingOf } from '../../core/told.ts'
import type { Messages } from '../messages.ts'
import { effectRows, trafficSentence, warningRows } from './forecast.ts'
import { standingRows } from './policy.ts'
import { ruleSentence } from './rule.ts'
import { rollbackRows, stepRows } from './steps.ts'

/** `PlanPreview` of the engine fits, with more. */
export type ShownPlan = {
  readonly plan: Plan
  readonly planHash: string
  readonly forecast: Forecast
  readonly standing: Standing | null
  /** Version that is live now; null: this is the first release. Absent where nobody can know. */
  readonly previous?: string | null | undefined
  readonly changes?: readonly SetChange[] | undefined
}

export type Topic =
  | 'release'
  | 'changes'
  | 'policy'
  | 'components'
  | 'configuration'
  | 'gates'
  | 'approvals'
  | 'migration'
  | 'smoke'
  | 'rules'
  | 'steps'
  | 'rollback'
  | 'no-data'
  | 'notify'
  | 'forecast'
  | 'warnings'

/** Cells of a row are in columns; a row of one cell goes over all of them. */
export type PlanSection = {
  readonly topic: Topic
  /** What the section is called elsewhere. */
  readonly name: string
  readonly title: string
  readonly rows: Rows
}

type Rows = readonly (readonly string[])[]

/** Sections that say nothing are left out. */
export function planSections(shown: ShownPlan, text: Messages): readonly PlanSection[] {
  const isFirst = shown.previous === null
  const inHand = { ...shown, plan: { ...shown.plan, steps: stepsThatRun(shown.plan, isFirst) } }
  const sections = [
    ...releaseSections(inHand, text),
    ...conditionSections(inHand.plan, isFirst, text),
    ...courseSections(inHand, isFirst, text),
    ...forecastSections(shown.forecast, text),
    section('warnings', text.worthALook, warningRows(shown.forecast.warnings, text)),
  ]
  return sections.filter(({ rows }) => rows.length > 0)
}

/** What is released, and where. */
function releaseSections(shown: ShownPlan, text: Messages): readonly PlanSection[] {
  const { plan, planHash, standing } = shown
  const { tell } = text
  const settings = plan.components.flatMap((each) => settingsRow(each, text))
  return [
    section('release', headText(plan), releaseRows(plan, planHash, text)),
    section('changes', tell(say`What changes here`), changeRows(shown, text)),
    section('policy', text.policy.head, standingRows(standing, plan.environment, text)),
    section('components', tell(say`Components, in the order in which they are deployed`), componentRows(plan, text)),
    section('configuration', tell(say`Configuration, by name`), settings),
  ]
}

/** What must be fulfilled. */
function conditionSections(plan: Plan, isFirst: boolean, text: Messages): readonly PlanSection[] {
  const { tell } = text
  const gates = plan.gates.map((gate) => gateRow(gate, text))
  const approvals = plan.approvals.map((approval) => approvalRow(approval, text))
  const smoke = plan.smoke.map((check) => smokeRow(check, text))
  return [
    section('gates', tell(say`Gates`), gates),
    section('approvals', tell(say`Approvals`), approvals),
    section('migration', tell(say`Migration`), migrationRows(plan, text)),
    section('smoke', tell(say`Smoke tests`), smoke),
    section('rules', tell(say`Judged by`), ruleRows(plan, isFirst, text)),
  ]
}

/** What happens, forwards and back, and who hears of it. */
function courseSections({ plan, previous }: ShownPlan, isFirst: boolean, text: Messages): readonly PlanSection[] {
  const { tell } = text
  const notify = plan.notify.map((route) => notifyRow(route, text))
  return [
    section('steps', tell(say`Steps`), stepRows(plan, isFirst, text)),
    section('rollback', tell(say`The way back, from step`), rollbackRows(plan, isFirst, text)),
    section('no-data', tell(say`No data while users are on the candidate`), noDataRows(plan, previous, text)),
    section('notify', tell(say`Notified`), notify),
  ]
}

function section(topic: Topic, title: string, rows: Rows): PlanSection {
  return { topic, name: title, title, rows }
}

function headText({ service, environment, strategy, artifact }: Plan): string {
  return `${service} ${artifact.version} → ${environment} (${strategy})`
}

function releaseRows({ artifact, flags }: Plan, hash: string, { tell }: Messages): Rows {
  return [
    [tell(say`commit`), artifact.commit],
    [tell(say`build`), artifact.buildUrl],
    [tell(say`plan`), hash],
    ...Object.entries(flags).map(([name, value]) => [tell(say`flag`), `${name} = ${JSON.stringify(value)}`]),
  ]
}

function changeRows({ previous, changes = [] }: ShownPlan, text: Messages): Rows {
  return [
    ...(previous === null ? [[text.firstRelease]] : []),
    ...changes.map((change) => [`± ${text.setChange(change)}`]),
  ]
}

function componentRows({ components }: Plan, { tell }: Messages): Rows {
  return components.map((component) => {
    const { name, artifact, platform, router, instances } = component
    const listen = routingOf(component)?.listen ?? null
    const traffic =
      router === null ? tell(say`no traffic`) : [router.kind, ...(listen === null ? [] : [listen])].join(' ')
    return [name, `${instances} × ${platform.kind}`, traffic, artifact.digest]
  })
}

function settingsRow({ name, variables, secrets }: PlannedComponent, { tell }: Messages): Rows {
  const names = [
    ...Object.keys(variables),
    ...Object.entries(secrets).map(([key, reference]) => tell(say`${key} (secret, ${secretText(reference)})`)),
  ]
  return names.length === 0 ? [] : [[name, names.join(', ')]]
}

function gateRow({ id, options, runs }: Plan['gates'][number], { tell }: Messages): readonly string[] {
  const texts = optionTexts(options)
  return [id, [...texts, ...(runs ? [tell(say`waits for the approvals`)] : [])].join(', ')]
}

/** `required: ["TOKEN"]`, by the names of the keys; empty lists say nothing. */
export function optionTexts(options: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(options)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
}

function approvalRow({ id, role, people, from }: Plan['approvals'][number], { tell }: Messages): readonly string[] {
  const [one, ...others] = people
  const who =
    one === undefined ? say`whoever holds ${role}` : others.reduce<Part>((all, each) => say`${all} or ${each}`, one)
  return [id, tell(from === 'policy' ? say`by ${who}, demanded by the policy in force` : say`by ${who}`)]
}

function migrationRows({ migration }: Plan, { tell }: Messages): Rows {
  if (!migration) return []
  const { expand, down } = migration
  const back = down
    ? `${down.command} (${down.component})`
    : tell(say`none: the change stays after a rollback and must suit the previous release`)
  return [
    [tell(say`expand`), `${expand.command} (${expand.component})`],
    [tell(say`back`), back],
  ]
}

/** `claim a stamp  POST /v1/stamps/claim → 201  api, dry run` */
function smokeRow(check: Plan['smoke'][number], { tell }: Messages): readonly string[] {
  const { name, component, dryRun, method, path, expect } = check
  const where = dryRun ? tell(say`${component}, dry run`) : component
  return [name, `${method} ${path} → ${expect.status.join(', ')}`, where]
}

function ruleRows({ analysis }: Plan, isFirst: boolean, { tell }: Messages): Rows {
  const least = say`at least ${analysis.minRequests} answered by the candidate in every step`
  const rows = analysis.rules.map((rule) => {
    const said = ruleSentence(rule)
    const idle = isFirst && isComparison(rule)
    return [rule.id, tell(idle ? say`${said}; not this first release, which has nothing to compare with` : said)]
  })
  return [...rows, ...startingRows(analysis, { tell }), [tell(say`requests`), tell(least)]]
}

/** Where something is compared. */
function startingRows({ warmUpMs, patienceMs, segments }: Plan['analysis'], { tell }: Pick<Messages, 'tell'>): Rows {
  if (warmUpMs === undefined || patienceMs === undefined) return []
  const patience =
    patienceMs === 0
      ? say`a difference from live goes back at once`
      : say`a difference from live that breaks no limit is held for ${durationText(patienceMs)}, then goes back if the newest requests still show it`
  return [
    [tell(say`warm-up`), tell(say`not compared with live for ${durationText(warmUpMs)} after its first users`)],
    [tell(say`patience`), tell(patience)],
    ...(segments === undefined ? [] : [[tell(say`routes`), tell(segmentsSentence(segments))]]),
  ]
}

function segmentsSentence({ declared, learn }: SegmentsAsked): Sentence {
  if (declared.length + learn === 0) return say`none is judged by itself`
  const named = listed(declared.map(quote), ', ')
  const most = say`${learn} with the most requests`
  const both = say`${named}, and the ${learn} others with the most requests`
  return say`judged by themselves as well: ${declared.length === 0 ? most : learn === 0 ? named : both}`
}

/** See `core/rollout/no-data.ts`: a first release has nothing to go back to but the maintenance page. */
function noDataRows(plan: Plan, previous: ShownPlan['previous'], { tell }: Messages): Rows {
  const quick = say`rolled back after ${durationText(lookLimitMs(plan))}`
  const slow = tell(
    say`held, people are called, rolled back after ${durationText(noDataForMs(plan))} unless somebody resumes it`,
  )
  if (previous === null) return [[tell(say`platform, router, metrics`), slow]]
  const either = say`${quick}; a first release, which has nothing to go back to, like metrics`
  return [
    [tell(say`platform, router`), tell(previous === undefined ? either : quick)],
    [tell(say`metrics`), slow],
  ]
}

function notifyRow({ on, to, language }: Plan['notify'][number], { tell }: Messages): readonly string[] {
  const values = Object.values(to) as readonly { readonly name?: string; readonly path?: string }[]
  const held = values.flatMap((value) => value?.name ?? value?.path ?? [])
  const where = held.length === 0 ? to.kind : tell(say`${to.kind} (secret in ${held.join(', ')})`)
  return [on.join(', '), language === 'de' ? tell(say`${where}, in German`) : where]
}

function forecastSections({ components }: Forecast, text: Messages): readonly PlanSection[] {
  return components.flatMap((each) => {
    if (each.traffic === null) return []
    const title = text.sees(each.component, text.tell(trafficSentence(each.traffic)))
    const name = text.tell(say`What each step can see`)
    return [{ topic: 'forecast', name, title, rows: effectRows(each, text) } as const]
  })
}
