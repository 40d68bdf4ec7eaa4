/** A rehearsal on the screen: the same lines as a release that is followed, at simulated times. */
import { type Instant, formatDuration } from '../../core/time.ts'
import { EXIT } from '../../errors.ts'
import type { Rehearsal } from '../../rehearsal/result.ts'
import { sayEnd } from '../follow.ts'
import { Reporter } from '../reporter.ts'
import type { Shell } from '../verb.ts'

const LINES_AT_ONCE = 500

/** Tells every event and every end; answers the exit code of the last release that did not end well, else 0. */
export async function reportRehearsal(shell: Shell, rehearsal: Rehearsal): Promise<number> {
  const { scenario, events, releases, endedAt } = rehearsal
  shell.screen.progress(shell.screen.paint('bold', shell.text.rehearsal.head(scenario.scenario)))
  tell(shell, events, endedAt)
  let code: number = EXIT.done.code
  for (const { view } of releases) {
    const own = view.exitCode ?? EXIT.needsHuman.code
    await sayEnd(shell, view, own)
    if (own !== 0) code = own
  }
  return code
}

function tell(shell: Shell, events: Rehearsal['events'], endedAt: Instant): void {
  const reporter = new Reporter({ ...shell, io: { ...shell.io, now: () => endedAt } })
  if (shell.globals.json) printed(shell, events)
  for (const event of events) reporter.fact(event)
  reporter.end()
}

/** Many lines at a time: days have hundreds of thousands. */
function printed({ screen }: Shell, events: Rehearsal['events']): void {
  for (let first = 0; first < events.length; first += LINES_AT_ONCE) {
    const some = events.slice(first, first + LINES_AT_ONCE)
    screen.result(some.map((event) => JSON.stringify(event)).join('\n'))
  }
}

/** One line of numbers: how long it simulated, how many users met what. */
export function saySummary({ screen, text }: Shell, rehearsal: Rehearsal, wallMs: number): void {
  const { startedAt, endedAt, users, serves, scenario } = rehearsal
  const took = formatDuration(endedAt - startedAt)
  screen.progress(text.rehearsal.summary({ took, wall: formatDuration(wallMs), seed: scenario.seed, serves, ...users }))
}
