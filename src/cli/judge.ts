import { say } from '../core/say.ts'
import { EXIT } from '../errors.ts'
import { type Judged, judgeCounts } from '../judge/judge.ts'
import { filesOf } from './judge/files.ts'
import { judgedJson } from './judge/json.ts'
import { judgedText } from './judge/report.ts'
import { parseDuration } from './duration.ts'
import { requestsOption } from './judge/options.ts'
import { RULE_OPTIONS, rulesOf } from './judge/rules.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb } from './verb.ts'

export const judge = defineVerb({
  name: 'judge',
  summary: say`Judge a candidate by its counts beside live's, whatever tool releases it`,
  takes: ['service', 'json'],
  description: say`Reads what both sides did, tick by tick, and judges it by the rules and the code of a rollout: errors and latencies compared with live beyond chance, and limits. Exit code 0: it may go on; 1: take it back, or do not go on; 11: too little evidence, or none, so wait and judge again. Asks no control plane and needs no stellwerk.yaml.`,
  options: {
    candidate: {
      flags: '--candidate <file>',
      description: say`Counts of the candidate, CSV or a JSON object a line`,
      required: true,
    },
    live: {
      flags: '--live <file>',
      description: say`Counts of live at the same times; those before the candidate's first are its past`,
      required: true,
    },
    ...RULE_OPTIONS,
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
      description: say`So long after the candidate's first tick it is not compared with live, and only what is far above a limit counts`,
      default: '60s',
    },
  },
  examples: [
    'stellwerk judge --candidate candidate.csv --live live.csv',
    'stellwerk judge --candidate candidate.csv --live live.csv --max-errors 1% --max-latency p99=800ms --json',
    'stellwerk judge --candidate candidate.ndjson --live live.ndjson --rules rules.yaml --service checkout',
  ],
  async run({ options, ...shell }) {
    const { io, globals, screen, text } = shell
    const files = await filesOf(io.cwd, options)
    const rules = await rulesOf(io.cwd, options, files)
    const answer = judgeCounts({
      candidate: files.candidate.ticks,
      live: files.live.ticks,
      ...rules,
      ...(options.tick !== undefined && { tickMs: parseDuration(options.tick, '--tick') }),
      minRequests: requestsOption(options.minRequests),
      minTimeMs: parseDuration(options.minTime, '--min-time'),
      warmUpMs: parseDuration(options.warmUp, '--warm-up'),
      ...(globals.service !== null && { name: globals.service }),
      source: `${options.candidate}, ${options.live}`,
    })
    if (!answer.ok) throw files.unfit(answer.problems)
    screen.result(globals.json ? JSON.stringify(judgedJson(answer)) : judgedText(answer, text, columnsOf(io.stdout)))
    return exitOf(answer)
  },
})

/** As a gate's command has it: 0 passes, 1 fails, anything else is no evidence. */
function exitOf({ outcome }: Judged): number {
  return outcome === 'pass' ? EXIT.done.code : outcome === 'fail' ? EXIT.failed.code : EXIT.noEvidence.code
}
