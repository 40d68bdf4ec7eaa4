import { joined } from './expected.ts'
import { say, type Told } from '../core/say.ts'
import { durationText } from '../core/time.ts'
import type { AnalysisEntry, MeasuredEntry } from './analysis.ts'
import type { CheckProblem, PartialSpec } from './check-problem.ts'
import { incomplete, ownProblem } from './own-checks.ts'
import { startingOf } from './rules.ts'

/** Every entry is exactly one rule: a limit, a comparison, or silence. */
export function analysisProblems(analysis: PartialSpec['analysis']): readonly CheckProblem[] {
  const entries = analysis?.rules ?? []
  return entries.flatMap((entry, index) => {
    const message = entryProblem(entry)
    return message === null ? [] : [{ path: ['analysis', 'rules', index], ...message }]
  })
}

/** What is said of comparisons has no effect where no environment has any. */
export function idleStarting(
  environments: readonly Pick<PartialSpec, 'analysis'>[],
  { analysis }: Pick<PartialSpec, 'analysis'>,
): readonly CheckProblem[] {
  if (environments.some((each) => each.analysis === undefined || startingOf(each.analysis).warmUpMs !== undefined))
    return []
  return (['warmUp', 'patience', 'segments'] as const)
    .filter((key) => analysis?.[key] !== undefined)
    .map((key) => ({
      path: ['analysis', key],
      message: say`no rule has \`compare: sequential\`, so \`${key}\` would have no effect`,
      suggestion: say`remove it, or add \`{ metric: error-rate, compare: sequential }\` to the rules`,
    }))
}

/** Numbers are read once a tick: a window that is shorter would be declared, and never looked at. */
export function windowProblems({ analysis, rollout }: PartialSpec): readonly CheckProblem[] {
  const tickMs = rollout?.tick ?? 0
  return (analysis?.rules ?? []).flatMap((entry, index) => {
    const short = windowsOf(entry).find(({ ms }) => ms < tickMs)
    if (short === undefined) return []
    const [window, tick] = [durationText(short.ms), durationText(tickMs)]
    const message = say`a window of ${window} is shorter than \`rollout.tick\` (${tick}): numbers are read once a tick, so it would be ${tick} long all the same`
    const suggestion = say`write ${tick} or longer, or \`rollout: { tick: ${window} }\``
    return [{ path: ['analysis', 'rules', index, ...short.path], message, suggestion }]
  })
}

type Windows = {
  readonly trigger?: { readonly for: number } | undefined
  readonly for?: number | undefined
  readonly silence?: number | undefined
}

/** Lengths that an entry declares, and where. */
function windowsOf(entry: AnalysisEntry): readonly { readonly path: readonly string[]; readonly ms: number }[] {
  const { trigger, for: window, silence } = entry as Windows
  return [
    ...(trigger === undefined ? [] : [{ path: ['trigger', 'for'], ms: trigger.for }]),
    ...(window === undefined ? [] : [{ path: ['for'], ms: window }]),
    ...(silence === undefined ? [] : [{ path: ['silence'], ms: silence }]),
  ]
}

type Message = { readonly message: Told; readonly suggestion?: Told }

function entryProblem(entry: AnalysisEntry): Message | null {
  if ('query' in entry) return ownProblem(entry)
  if (entry.metric === 'info-logs') return null
  if ('compare' in entry && entry.compare) return sequentialProblem(entry)
  if ('tolerance' in entry && entry.tolerance !== undefined)
    return { message: say`\`tolerance\` belongs to \`compare: sequential\`` }
  return rawProblem(entry)
}

function rawProblem(entry: Exclude<MeasuredEntry, { metric: 'info-logs' }>): Message | null {
  const comparison = 'relativeTo' in entry || 'margin' in entry || 'for' in entry
  const isLimit = entry.max !== undefined || entry.trigger !== undefined
  if (comparison && isLimit) {
    return {
      message: say`one entry is one rule: a limit (\`max\`, \`trigger\`) or a comparison (\`relativeTo\`, \`margin\`, \`for\`)`,
      suggestion: say`write two entries`,
    }
  }
  if (comparison) return comparisonProblem(entry)
  if (!isLimit) return { message: say`this entry limits nothing: expected ${wanted(entry)}` }
  const { max, trigger } = entry
  if (max !== undefined && trigger && trigger.above < max) {
    return {
      message: say`the trigger is below \`max\`: it would roll back what may advance`,
      suggestion: say`raise \`above\``,
    }
  }
  return isShare(entry) ? emptyLimit(max, trigger?.above) : null
}

function isShare({ metric }: MeasuredEntry): boolean {
  return metric === 'error-rate' || metric === 'readiness-flapping'
}

/** Of a hundred requests a hundred and one never fail. */
function emptyLimit(max: number | undefined, above: number | undefined): Message | null {
  const [key, suggestion] =
    above !== undefined && above >= 1
      ? (['trigger.above', say`lower \`above\``] as const)
      : (['max', say`lower it`] as const)
  const value = key === 'max' ? max : above
  if (value === undefined || value < 1) return null
  return { message: say`no share is ever above 100%, so \`${key}\` would have no effect`, suggestion }
}

/** A sequential comparison has a limit of its own (`max`); windows and margins belong to the raw rules. */
function sequentialProblem(entry: object): Message | null {
  const raw = ['trigger', 'relativeTo', 'margin', 'for'].filter((key) => key in entry)
  if (raw.length === 0) return null
  return {
    message: say`\`compare: sequential\` needs no ${joined(
      raw.map((key) => `\`${key}\``),
      (left, right) => say`${left} and no ${right}`,
    )}: it looks all the time`,
    suggestion: say`write two entries`,
  }
}

function wanted({ metric }: MeasuredEntry): Told {
  const hasComparison = metric === 'error-rate' || metric.startsWith('latency')
  return hasComparison
    ? say`\`max\`, \`trigger\`, or \`relativeTo\` with \`margin\` and \`for\``
    : say`\`max\`, \`trigger\` or both`
}

function comparisonProblem(entry: { relativeTo?: unknown; margin?: unknown; for?: unknown }): Message | null {
  const missing = (['relativeTo', 'margin', 'for'] as const).filter((key) => entry[key] === undefined)
  if (missing.length === 0) return null
  return { message: incomplete(missing) }
}
