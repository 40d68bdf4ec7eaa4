import { say } from '../core/say.ts'
import type { EnvironmentView, ServingView } from '../core/views.ts'
import type { Messages } from '../text/messages.ts'
import { getStatus } from './client/rollouts.ts'
import { verdictText } from './screen/progress.ts'
import { alarmLines, reasonLines, waitingLines } from './screen/rollout-block.ts'
import { tableRows } from './screen/table.ts'
import { columnsOf, wrapped } from './screen/wrapped.ts'
import { defineVerb, type Shell } from './verb.ts'

export const status = defineVerb({
  name: 'status',
  summary: say`What users get now, per service and environment, and what is under way`,
  takes: ['environment', 'service', 'file', 'json', 'server', 'data'],
  description: say`Routers and platforms are asked right now. Observed and desired are shown side by side; a difference is an alarm.`,
  examples: ['stellwerk status', 'stellwerk status -e prod --json'],
  talks: true,
  async run(shell) {
    const environments = await getStatus(shell)
    const { screen, globals, text } = shell
    if (globals.json) for (const environment of environments) screen.result(JSON.stringify(environment))
    else screen.result(environments.length === 0 ? text.labels.noEnvironments : statusText(environments, shell))
    return 0
  },
})

/** The table, with what is under way below the rows of its environment. */
function statusText(environments: readonly EnvironmentView[], shell: Shell): string {
  const { service, environment, component, serving, desired } = shell.text.labels
  const rows = environments.map((there) => rowsOf(there, shell))
  const columns = columnsOf(shell.io.stdout)
  const heads = [service, environment, component, serving, desired]
  const [head = [], ...lines] = tableRows([heads, ...rows.flat()], columns)
  let next = 0
  const blocks = environments.flatMap((there, index) => {
    const own = lines.slice(next, (next += rows[index]!.length)).flat()
    return [...own, ...notes(there, shell).flatMap((note) => wrapped(`  ${note}`, columns, '    '))]
  })
  return [...head.map((line) => shell.screen.paint('bold', line, 'stdout')), ...blocks].join('\n')
}

function rowsOf({ service, environment, serving }: EnvironmentView, { text }: Shell): readonly (readonly string[])[] {
  if (serving.length === 0) return [[service, environment, '-', text.nothingServes, '-']]
  return serving.map((part) => [
    service,
    environment,
    part.component,
    text.tell(part.said.text),
    desiredText(part, text),
  ])
}

/** `v1 90 %, v2 10 %` as it was desired; `=` where that is what is observed; `0/1 ready` where shares are right and nobody stands behind. */
function desiredText({ slots, maintenance, alarm }: ServingView, { labels }: Messages): string {
  const desired = slots.filter(({ desiredWeight }) => desiredWeight !== null)
  if (maintenance || desired.length === 0) return '-'
  if (desired.every(({ weight, desiredWeight }) => weight === desiredWeight)) {
    const served = slots.filter(({ weight }) => weight > 0)
    const ready = served.map((slot) => `${slot.ready}/${slot.desired} ${labels.ready}`).join(', ')
    return alarm === null ? '=' : ready || '-'
  }
  const shares = desired.filter(({ desiredWeight }) => desiredWeight !== 0)
  return shares.map(({ version, slot, desiredWeight }) => `${version ?? slot} ${desiredWeight} %`).join(', ')
}

function notes(
  { holder, queue, serving, leftovers, alarms: others, incidents }: EnvironmentView,
  { text, screen, io }: Shell,
): readonly string[] {
  const alarms = serving.flatMap(({ component, said: { alarm } }) =>
    alarm ? [`${text.labels.alarm} ${component}: ${text.tell(alarm)}`] : [],
  )
  const told = alarmLines(others, io.now(), text)
  const under = holder === null ? [] : [`${holder.id} ${holder.version}: ${text.phases[holder.phase]}`]
  const why = holder === null ? [] : reasonLines(holder, text).map((line) => screen.paint('red', line, 'stdout'))
  const doubts = holder === null ? [] : holder.verdicts.filter(({ outcome }) => outcome !== 'pass')
  const verdicts = doubts.map((verdict) => verdictText(verdict, text))
  const waits = holder === null ? [] : waitingLines(holder, io.now(), text)
  const left = leftovers.map((each) => `${text.labels.leftover} ${text.tell(each.said)}`)
  const open = incidents.map(({ priority, id, said, title, acknowledged }) =>
    text.incident.open(priority, id, text.told(said, title), acknowledged?.by ?? null),
  )
  const queued = queue.length === 0 ? [] : [`${text.labels.queue}: ${queue.join(', ')}`]
  return [
    ...[...alarms, ...told].map((alarm) => screen.paint('red', alarm, 'stdout')),
    ...[...open, ...left].map((line) => screen.paint('yellow', line, 'stdout')),
    ...under,
    ...why,
    ...verdicts,
    ...waits,
    ...queued,
  ]
}
