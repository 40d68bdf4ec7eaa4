/** What came out of the demo, and what has to be true of it. */
import type { Messages } from '../../text/messages.ts'
import { quote, say, type Sentence } from '../../core/say.ts'
import { formatDuration } from '../../core/time.ts'
import type { AuditReport } from '../../engine/control-plane.ts'
import type { Screen } from '../screen/screen.ts'
import { table } from '../screen/table.ts'
import { columnsOf, wrapped } from '../screen/wrapped.ts'
import type { LoadCounters } from './example.ts'
import type { Act } from './release.ts'

export type DemoOutcome = {
  readonly acts: readonly Act[]
  readonly counters: LoadCounters
  readonly audit: AuditReport
  /** How a changed event in an export was found; null when it was not. */
  readonly tampering: string | null
  readonly tookMs: number
}

export type DemoVerdict = { readonly what: Sentence; readonly holds: boolean }

export function verdicts({ acts, counters, audit, tampering }: DemoOutcome): readonly DemoVerdict[] {
  const [first, good, bad] = acts.map(({ view }) => view)
  return [
    { what: say`the first release went live`, holds: first?.phase === 'finalized' },
    { what: say`the good release was finalized`, holds: good?.phase === 'finalized' },
    {
      what: say`the bad release was rolled back at 10 %`,
      holds: bad?.phase === 'rolled-back' && acts[2]?.highestWeight === 10,
    },
    {
      what: say`users are on the good release`,
      holds: bad?.serving.every(({ text }) => text === `${good?.version} 100 %`) === true,
    },
    {
      what: say`no request was lost (${counters.lost} of ${counters.sent})`,
      holds: counters.lost === 0 && counters.sent > 0,
    },
    { what: say`the audit log verifies (${audit.events} events, root ${audit.root.slice(0, 16)}…)`, holds: audit.ok },
    {
      what: say`a changed event is found: ${tampering === null ? say`it was not` : quote(tampering)}`,
      holds: tampering !== null,
    },
  ]
}

export function report(outcome: DemoOutcome, screen: Screen, text: Messages): readonly string[] {
  const rows = outcome.acts.map(({ build, view, highestWeight, tookMs }) => [
    view.version,
    text.phases[view.phase],
    `${highestWeight} %`,
    formatDuration(tookMs),
    build.build.how,
  ])
  const { counters, acts, tookMs } = outcome
  const reason = acts.at(-1)?.view.reason ?? ''
  return [
    '',
    table(
      [[say`RELEASE`, say`ENDED`, say`MOST`, say`TOOK`, say`WHAT IT IS`].map(text.tell), ...rows],
      columnsOf(screen.io.stdout),
    ),
    '',
    ...wrapped(text.tell(say`Why it was rolled back: ${reason}`), columnsOf(screen.io.stdout)),
    text.tell(
      say`Load: ${counters.sent} requests, ${counters.lost} lost${lostText(counters)}, ${counters.badAnswers} bad answers served.`,
    ),
    '',
    ...verdicts(outcome).flatMap(({ what, holds }) => {
      const mark = holds ? screen.paint('green', '✓', 'stdout') : screen.paint('red', '✗', 'stdout')
      return wrapped(`${mark} ${text.tell(what)}`, columnsOf(screen.io.stdout))
    }),
    '',
    text.tell(say`All of it took ${formatDuration(tookMs)}.`),
  ]
}

function lostText({ lost, lostBy }: LoadCounters): string {
  return lost === 0 ? '' : ` (${JSON.stringify(lostBy)})`
}
