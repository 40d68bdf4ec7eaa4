import { windowMsOf } from '../core/analysis/needs.ts'
import type { Plan } from '../core/plan.ts'
import { durationText } from './duration.ts'

/** What is allowed and still worth a look. */
export function planNotes(plan: Plan): readonly string[] {
  const exposedMs = plan.steps.reduce((sum, step) => sum + ('holdMs' in step ? step.holdMs : 0), 0)
  const long = plan.analysis.rules.filter((rule) => windowMs(rule) > exposedMs)
  return [
    ...long.map((rule) => {
      const window = durationText(windowMs(rule))
      return `"${rule.id}" looks at ${window}, longer than all holds and the bake together (${durationText(exposedMs)}): it can never roll back.`
    }),
    ...plan.analysis.rules
      .filter(({ kind }) => kind === 'relative')
      .map(({ id }) => {
        return `"${id}" compares raw values: with little traffic it rolls back healthy releases too.`
      }),
    ...tickNotes(plan),
    ...(plan.notify.length === 0 ? ['nobody is notified of anything: `notify` is empty.'] : []),
    ...(plan.approvals.length === 0 ? ['no approval is asked for.'] : []),
  ]
}

/** Between two scrapes nothing happens, as far as a source can see that is scraped: a candidate at work looks idle then. */
function tickNotes({ metrics, timings }: Plan): readonly string[] {
  const { scrapeIntervalMs } = metrics
  if (metrics['counts'] === 'router' || typeof scrapeIntervalMs !== 'number' || timings.tickMs >= scrapeIntervalMs)
    return []
  const [tick, scrape] = [durationText(timings.tickMs), durationText(scrapeIntervalMs)]
  return [
    `rollout.tick (${tick}) is shorter than metrics.scrapeInterval (${scrape}): between two scrapes the candidate looks idle; say \`rollout: { tick: ${scrape} }\` or longer.`,
  ]
}

function windowMs(rule: Plan['analysis']['rules'][number]): number {
  return windowMsOf(rule) ?? 0
}
