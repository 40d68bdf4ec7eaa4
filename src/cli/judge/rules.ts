/** What counts are judged by: limits given by option over the defaults, or the rules of a file. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { say, type Sentence, verbatim } from '../../core/say.ts'
import type { Starting } from '../../core/analysis/sequential/options.ts'
import { StellwerkError, whyUnread } from '../../errors.ts'
import { type CountRule, defaultRules, isCountRule } from '../../judge/judge.ts'
import type { Sides } from '../../judge/pair.ts'
import type { AnalysisEntry } from '../../stellwerk-yaml/analysis.ts'
import type { CheckProblem } from '../../stellwerk-yaml/check-problem.ts'
import { Percentage } from '../../stellwerk-yaml/scalars.ts'
import { problemDetail } from '../../stellwerk-yaml/problem.ts'
import { readRules } from '../../stellwerk-yaml/read-rules.ts'
import { parseDuration } from '../duration.ts'
import { type OptionSpec, usageError } from '../verb.ts'

export const RULE_OPTIONS = {
  maxErrors: {
    flags: '--max-errors <percentage>',
    description: say`What share of requests may fail whatever live does, for example 1%; default 2%`,
  },
  maxLatency: {
    flags: '--max-latency <duration>',
    description: say`What the p95 latency may be whatever live does, for example 800ms, or of another quantile: p99=2s; default 500ms`,
  },
  rules: {
    flags: '--rules <file>',
    description: say`Rules instead of the default ones: a YAML file with a section "analysis", as in stellwerk.yaml`,
  },
} as const satisfies Record<string, OptionSpec>

export type RuleOptions = {
  readonly rules: string | undefined
  readonly maxErrors: string | undefined
  readonly maxLatency: string | undefined
}

export async function rulesOf(
  cwd: string,
  options: RuleOptions,
  sides: Sides,
): Promise<{ readonly rules: readonly CountRule[] } & Starting> {
  const { rules, maxErrors, maxLatency } = options
  if (rules !== undefined) {
    if (maxErrors !== undefined || maxLatency !== undefined)
      throw bothGiven(maxErrors === undefined ? '--max-latency' : '--max-errors')
    const read = await rulesIn(cwd, rules)
    mustJudgeSegments(read.rules, sides)
    return read
  }
  const standard = defaultRules(sides)
  const wanted = standard.map((rule) => limited(rule, options))
  if (maxLatency !== undefined && !standard.some(({ metric }) => metric.startsWith('latency-'))) {
    throw usageError(
      say`--max-latency would have no effect`,
      say`a side has no latencies`,
      say`give counts with latencies, or leave the option out`,
    )
  }
  return { rules: wanted }
}

function mustJudgeSegments(rules: readonly CountRule[], { candidate }: Sides): void {
  const isIdle = !rules.some(({ kind }) => kind === 'sequential')
  if (!isIdle || !candidate.some(({ segments }) => segments !== undefined)) return
  throw usageError(
    say`segments would have no effect`,
    say`they are judged by \`compare: sequential\`, and no rule compares`,
    say`add such a rule, or leave the segments out`,
  )
}

function limited(rule: CountRule, { maxErrors, maxLatency }: RuleOptions): CountRule {
  if (rule.kind !== 'sequential') return rule
  if (rule.metric === 'error-rate') return maxErrors === undefined ? rule : { ...rule, limit: shareOf(maxErrors) }
  if (maxLatency === undefined) return rule
  const [, quantile = 'p95', limit = ''] = /^(?:(p50|p95|p99)=)?(.*)$/.exec(maxLatency) ?? []
  if (limit.includes('='))
    throw usageError(
      say`--max-latency "${maxLatency}" cannot be read`,
      say`what stands before = must be p50, p95 or p99`,
      verbatim('--max-latency p99=2s'),
    )
  const metric = `latency-${quantile}` as 'latency-p50' | 'latency-p95' | 'latency-p99'
  return { ...rule, metric, id: `${metric} compared`, limit: parseDuration(limit, '--max-latency') }
}

function shareOf(text: string): number {
  const read = Percentage.safeParse(text)
  if (read.success && read.data > 0 && read.data < 1) return read.data
  throw usageError(
    say`--max-errors "${text}" cannot be read`,
    say`it must be a percentage above 0% and below 100%`,
    verbatim('--max-errors 1%'),
  )
}

function bothGiven(option: string): StellwerkError {
  return usageError(
    say`${option} would have no effect`,
    say`--rules says all that is judged`,
    say`write the limit into the file, or leave one of the two out`,
  )
}

async function rulesIn(cwd: string, path: string): Promise<{ readonly rules: readonly CountRule[] } & Starting> {
  const file = resolve(cwd, path)
  const text = await readFile(file).catch((error: unknown) => {
    throw usageError(
      say`cannot read the rules in ${path}`,
      whyUnread(error, file),
      say`name a YAML file with a section "analysis"`,
    )
  })
  const read = readRules({ text, file: path }, countsOnly)
  if (read.ok) return { rules: read.rules.filter(isCountRule), ...read.starting }
  const { length } = read.problems
  const why = length === 1 ? say`${path}: one problem` : say`${path}: ${length} problems`
  const fix = say`docs/guides/analysis-rules.md explains the rules`
  throw new StellwerkError('usage', {
    what: say`cannot use these rules`,
    why,
    fix,
    problems: read.problems.map(problemDetail),
  })
}

/** What a file of counts does not hold, and what only one comparison can be made of. */
function countsOnly(entries: readonly AnalysisEntry[]): readonly CheckProblem[] {
  const seen = new Set<string>()
  return entries.flatMap((entry, index) => {
    const why = unusable(entry) ?? endless(entry) ?? again(entry, seen)
    return why === null ? [] : [{ path: ['analysis', 'rules', index], message: why }]
  })
}

function unusable(entry: AnalysisEntry): Sentence | null {
  if ('query' in entry) return say`counts of requests have no answer to a query of your own`
  if (!['error-rate', 'latency-p50', 'latency-p95', 'latency-p99'].includes(entry.metric)) {
    return say`${entry.metric} is what a platform sees; counts of requests do not hold it`
  }
  return null
}

/** A comparison bets on its limit; there is nothing to bet on where nothing, or everything, is within it. */
function endless(entry: AnalysisEntry): Sentence | null {
  if ('query' in entry || !('compare' in entry) || entry.compare === undefined || entry.max === undefined) return null
  const isShare = entry.metric === 'error-rate'
  if (entry.max > 0 && (!isShare || entry.max < 1)) return null
  return isShare
    ? say`\`max\` of a comparison must be above 0% and below 100%`
    : say`\`max\` of a comparison must be above 0ms`
}

function again(entry: AnalysisEntry, seen: Set<string>): Sentence | null {
  if (!('compare' in entry) || entry.compare === undefined) return null
  const what = entry.metric === 'error-rate' ? 'errors' : 'latency'
  if (seen.has(what)) return say`one entry compares already; one for errors and one for a latency is all`
  seen.add(what)
  return null
}
