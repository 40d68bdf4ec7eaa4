/** A rehearsal on the screen: the same lines as a release that is followed, at simulated times. */
import type { Instant } from '../../core/time.ts'
import { formatDuration } from '../../core/time.ts'
import { EXIT } from '../../errors.ts'
import type { Rehearsal } from '../../rehearsal/result.ts'
import { sayEnd } from '../follow.ts'
import { Reporter } from '../reporter.ts'
import type { Shell } from '../verb.ts'

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
  for (const event of events) reporter.event({ id: event.position, json: JSON.stringify(event) })
  reporter.end()
}

/** One line of numbers: how long it simulated, how many users met what. */
export function saySummary({ screen, text }: Shell, rehearsal: Rehearsal, wallMs: number): void {
  const { startedAt, endedAt, users, serves, scenario } = rehearsal
  const took = formatDuration(endedAt - startedAt)
  screen.progress(text.rehearsal.summary({ took, wall: formatDuration(wallMs), seed: scenario.seed, serves, ...users }))
}
