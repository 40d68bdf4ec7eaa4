/**
 * A plan for people, in plain text: what will happen, what it is judged by, and the way back from every step (R-F05). It is
 * what an approver reads, so it leaves out nothing that the plan decides.
 */
import type { Forecast } from '../core/forecast/detectable-effect.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { routingOf } from '../core/told.ts'
import { planForecast } from '../core/forecast/plan-forecast.ts'
import { ruleText } from './render-rule.ts'
import { noDataForMs, lookLimitMs } from '../core/rollout/no-data.ts'
import { durationText } from './duration.ts'
import { rollbackRows, stepRows } from './render-steps.ts'

export function renderPlan(plan: Plan, hash: string): string {
  const forecast = planForecast(plan)
  const smoke = plan.smoke.map((check) => [check.name, `${check.component}${check.dryRun ? ', dry run' : ''}`])
  return [
    ...heading(plan, hash),
    ...section('Components, in the order in which they are deployed', plan.components.map(componentRow)),
    ...section('Configuration, by name', plan.components.flatMap(settingsRow)),
    ...section('Gates', plan.gates.map(gateRow)),
    ...section('Approvals', plan.approvals.map(approvalRow)),
    ...section('Migration', migrationRows(plan)),
    ...section('Smoke tests', smoke),
    ...section('Judged by', judgedRows(plan)),
    ...section('Steps', stepRows(plan)),
    ...section('What each step sees', forecast.components.flatMap(effectRows)),
    ...section('The way back', rollbackRows(plan)),
    ...section('No data while users are on the candidate', noDataRows(plan)),
    ...section('Told', plan.notify.map(notifyRow)),
    ...section(
      'Worth a look',
      forecast.warnings.map(({ text }) => [text]),
    ),
    '',
  ].join('\n')
}

function heading({ service, environment, strategy, artifact, flags }: Plan, hash: string): readonly string[] {
  return [
    `${service} ${artifact.version} → ${environment} (${strategy})`,
    ...table([
      ['commit', artifact.commit],
      ['build', artifact.buildUrl],
      ['plan', hash],
      ...Object.entries(flags).map(([name, value]) => ['flag', `${name} = ${JSON.stringify(value)}`]),
    ]),
  ]
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', title, ...table(rows)]
}

/** Columns as wide as their widest cell; the last one is left ragged. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd())
}

function componentRow(component: PlannedComponent): readonly string[] {
  const { name, artifact, platform, router, instances } = component
  const listen = routingOf(component)?.listen ?? null
  const traffic = router === null ? 'no traffic' : [router.kind, ...(listen === null ? [] : [listen])].join(' ')
  return [name, `${instances} × ${platform.kind}`, traffic, artifact.digest]
}

function settingsRow({ name, variables, secrets }: PlannedComponent): readonly (readonly string[])[] {
  const names = [
    ...Object.keys(variables),
    ...Object.entries(secrets).map(([key, { kind }]) => `${key} (secret, ${kind})`),
  ]
  return names.length === 0 ? [] : [[name, names.join(', ')]]
}

function gateRow({ id, options }: Plan['gates'][number]): readonly string[] {
  const given = Object.entries(options).filter(([, value]) => !(Array.isArray(value) && value.length === 0))
  const text = given.map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [id, text.join(', ')]
}

function notifyRow({ on, to, language }: Plan['notify'][number]): readonly string[] {
  const values = Object.values(to) as readonly { readonly name?: string; readonly path?: string }[]
  const held = values.flatMap(({ name, path }) => name ?? path ?? [])
  const where = held.length === 0 ? '' : ` (secret in ${held.join(', ')})`
  return [on.join(', '), `${to.kind}${where}${language === 'de' ? ', in German' : ''}`]
}

function judgedRows({ analysis }: Plan): readonly (readonly string[])[] {
  const least = ['requests', `at least ${analysis.minRequests} answered by the candidate in every step`]
  return [...analysis.rules.map((rule) => [rule.id, ruleText(rule)]), least]
}

/** See `core/rollout/no-data.ts`. */
function noDataRows(plan: Plan): readonly (readonly string[])[] {
  const [quick, slow] = [lookLimitMs(plan), noDataForMs(plan)].map(durationText)
  return [
    ['platform, router', `rolled back after ${quick}; a first release, which has nothing to go back to, like metrics`],
    ['metrics', `held, people are called, rolled back after ${slow} unless somebody resumes it`],
  ]
}

function effectRows({ component, steps }: Forecast['components'][number]): readonly (readonly string[])[] {
  return steps.flatMap(({ step, effects }) => {
    return effects.map(({ rule, text }) => [String(step + 1).padStart(2), component, rule, text])
  })
}

function approvalRow({ id, role, people }: Plan['approvals'][number]): readonly string[] {
  return [id, `by ${people.length > 0 ? people.join(' or ') : `whoever holds ${role}`}`]
}

function migrationRows({ migration }: Plan): readonly (readonly string[])[] {
  if (!migration) return []
  const { expand, down } = migration
  const back = down
    ? `${down.command} (${down.component})`
    : 'none: the change stays after a rollback and must suit the previous release'
  return [
    ['expand', `${expand.command} (${expand.component})`],
    ['down', back],
  ]
}
