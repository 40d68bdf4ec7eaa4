import { say, verbatim } from '../core/say.ts'
import { detail, EXIT } from '../errors.ts'
import { type Judged, judgeCounts } from '../judge/judge.ts'
import { type Counts, filesOf, unusable } from './judge/files.ts'
import { judgedJson } from './judge/json.ts'
import { mustBeSvg, PLOT_OPTION, writePlot } from './judge/plot.ts'
import { PROMETHEUS_OPTIONS, type PrometheusOptions, prometheusQuery } from './judge/prometheus.ts'
import { judgedText } from './judge/report.ts'
import { parseDuration } from './duration.ts'
import { requestsOption } from './count.ts'
import { RULE_OPTIONS, rulesOf } from './judge/rules.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type Shell, usageError } from './verb.ts'

export const judge = defineVerb({
  name: 'judge',
  summary: say`Judge a candidate by its counts beside live's, whatever tool releases it`,
  takes: ['service', 'json'],
  description: say`Reads what both sides did, tick by tick, and judges it by the rules and the code of a rollout: errors and latencies compared with live beyond chance, and limits. Exit code 0: it may go on; 1: take it back, or do not go on; 11: too little evidence, or none, so wait and judge again. Asks no control plane and needs no stellwerk.yaml.`,
  options: {
    candidate: {
      flags: '--candidate <file|labels>',
      description: say`Counts of the candidate, CSV or a JSON object a line`,
      required: true,
    },
    live: {
      flags: '--live <file|labels>',
      description: say`Counts of live at the same times; those before the candidate's first are its past`,
      required: true,
    },
    ...PROMETHEUS_OPTIONS,
    ...RULE_OPTIONS,
    ...PLOT_OPTION,
    tick: { flags: '--tick <duration>', description: say`Length of a tick; default the usual distance of two lines` },
    minRequests: {
      flags: '--min-requests <number>',
      description: say`Requests of the candidate that a pass needs`,
      default: '200',
    },
    minTime: {
      flags: '--min-time <duration>',
      description: say`Time of the candidate that a pass needs`,
      default: '0s',
    },
    warmUp: {
      flags: '--warm-up <duration>',
      description: say`So long after the candidate's first tick it is not compared with live, and only what is far above a limit counts; default 60s, or as the rules have it`,
    },
    patience: {
      flags: '--patience <duration>',
      description: say`So long a difference from live that breaks no limit is held before it demands a rollback; default 10m, or as the rules have it`,
    },
  },
  examples: [
    'stellwerk judge --candidate candidate.csv --live live.csv',
    'stellwerk judge --candidate candidate.csv --live live.csv --max-errors 1% --max-latency p99=800ms --plot judge.svg',
    'stellwerk judge --candidate candidate.ndjson --live live.ndjson --rules rules.yaml --service checkout',
    `stellwerk judge --prometheus http://prometheus:9090 --candidate '{slot="green"}' --live '{slot="blue"}'`,
  ],
  async run({ options, ...shell }) {
    const { io, globals, screen, text } = shell
    mustBeSvg(options.plot)
    const counts = await countsOf(options, shell)
    const rules = await rulesOf(io.cwd, options, counts)
    const answer = judgeCounts({
      ...counts,
      ...rules,
      ...(options.tick !== undefined && { tickMs: tickOption(options.tick) }),
      minRequests: requestsOption(options.minRequests),
      minTimeMs: parseDuration(options.minTime, '--min-time'),
      ...(options.warmUp !== undefined && { warmUpMs: parseDuration(options.warmUp, '--warm-up') }),
      ...(options.patience !== undefined && { patienceMs: parseDuration(options.patience, '--patience') }),
      ...(globals.service !== null && { name: globals.service }),
    })
    if (!answer.ok) throw counts.unfit(answer.problems)
    if (options.plot !== undefined) await writePlot(options.plot, answer, shell)
    screen.result(globals.json ? JSON.stringify(judgedJson(answer)) : judgedText(answer, text, columnsOf(io.stdout)))
    return exitOf(answer)
  },
})

type Given = PrometheusOptions & {
  readonly candidate: string
  readonly live: string
  readonly tick: string | undefined
}

/** Of two files, or of two selections of a Prometheus's series. */
async function countsOf(given: Given, { io, deps }: Shell): Promise<Counts> {
  const query = prometheusQuery(given)
  if (query === null) return filesOf(io.cwd, given)
  if (given.tick !== undefined)
    throw usageError(say`--tick would have no effect`, say`a Prometheus is asked by --step`, verbatim('--step 15s'))
  const sides = await deps.prometheusCounts(query, io.env)
  const source = `Prometheus at ${new URL(query.url).host}, ${given.candidate} and ${given.live}`
  return { ...sides, source, unfit: (problems) => unusable(problems.map(({ of, said }) => detail(given[of], said))) }
}

/** As a gate's command has it: 0 passes, 1 fails, anything else is no evidence. */
function exitOf({ outcome }: Judged): number {
  return outcome === 'pass' ? EXIT.done.code : outcome === 'fail' ? EXIT.failed.code : EXIT.noEvidence.code
}

function tickOption(text: string): number {
  const ms = parseDuration(text, '--tick')
  if (ms > 0) return ms
  throw usageError(
    say`--tick "${text}" cannot be read`,
    say`in a tick of no length nothing happens`,
    verbatim('--tick 5s'),
  )
}
