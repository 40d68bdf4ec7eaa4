import { quote, verbatim } from '../../core/say.ts'
import type { Verdict } from '../../core/verdict.ts'
import type { EventData, RolloutEvent, RolloutEventType } from '../../core/rollout/events.ts'
import { nounOf } from '../../core/rollout/intents.ts'
import { inTodaysWords } from '../../core/rollout/readers.ts'
import { asClause } from '../../core/say.ts'
import { formatDuration } from '../../core/time.ts'
import type { StoredEvent } from '../../ports/store.ts'
import type { Messages } from '../../text/messages.ts'
import { timeText } from './moments.ts'

/** How a line looks: good news, bad news, doubt, or plain. */
export type Tone = 'good' | 'bad' | 'doubt' | 'plain'

export type ProgressLine = {
  readonly text: string
  readonly tone: Tone
  /** Lines of one subject that repeat the last one say nothing new. */
  readonly subject: string | null
  /** What stands in every live block and every status, and would only fill the screen as a line of its own. */
  readonly isMinor: boolean
}

type Describe = {
  readonly [T in RolloutEventType]?: (data: EventData<T>, say: Say) => ProgressLine | readonly ProgressLine[]
}
type Say = { readonly text: Messages; readonly at: (moment: number) => string; readonly isFirst: boolean }

/** Whether an event tells that nothing was live before this release; null of events that do not know. */
export function isFirstBy(event: StoredEvent): boolean | null {
  const { type, data } = inTodaysWords(event)
  if (type !== 'RolloutRequested' && type !== 'RolloutAdmitted') return null
  return ((data as EventData<'RolloutAdmitted'>).stable ?? null) === null
}

/** What a rollout's event says to a person; an empty list for events that say nothing new on a screen. */
export function progressLines(written: StoredEvent, text: Messages, isFirst = false): readonly ProgressLine[] {
  const event = inTodaysWords(written)
  const describe = DESCRIBE[event.type as RolloutEventType] as
    | ((data: unknown, say: Say) => ProgressLine | readonly ProgressLine[])
    | undefined
  if (!describe) return []
  const lines = describe(event.data as RolloutEvent['data'], {
    text,
    at: (moment) => timeText(moment, event.at),
    isFirst,
  })
  return Array.isArray(lines) ? lines : [lines as ProgressLine]
}

function line(text: string, tone: Tone = 'plain', subject: string | null = null): ProgressLine {
  return { text, tone, subject, isMinor: false }
}

function toneOf(outcome: string): Tone {
  return outcome === 'pass' ? 'good' : outcome === 'fail' ? 'bad' : 'doubt'
}

/** `✓ web: error rate …`; the word only where it is not good. */
export function verdictText(verdict: Pick<Verdict, 'outcome' | 'text' | 'said'>, text: Messages): string {
  const { outcome } = verdict
  const why = text.told(verdict.said, verdict.text)
  const mark = { pass: '✓', fail: '✗', inconclusive: '?', 'no-evidence': '?' }[outcome]
  return outcome === 'pass' ? `${mark} ${why}` : `${mark} ${text.outcomes[outcome]}: ${why}`
}

const DESCRIBE: Describe = {
  RolloutRequested: ({ plan, by }, { text }) =>
    line(text.events.requested(plan.artifact.version, plan.environment, by.id)),
  RolloutQueued: ({ behind, deadline }, { text, at }) => line(text.events.queued(behind, at(deadline)), 'doubt'),
  RolloutAdmitted: ({ stable }, { text }) => line(text.events.admitted(stable?.version ?? null)),
  StepStarted: ({ track, step, deadline }, { text, at, isFirst }) =>
    track === 'forward'
      ? line(text.events.stepStarted(text.step(step, isFirst), at(deadline)))
      : line(text.events.rollbackStepStarted(text.step(step, isFirst)), 'doubt'),
  StepExtended: ({ deadline, reason, said }, { text, at }) =>
    line(text.events.extended(at(deadline), text.told(said, reason)), 'doubt'),
  CommandFailed: ({ kind, message }, { text }) =>
    line(text.events.commandFailed(kind, text.tell(quote(message))), 'doubt'),
  WorldObserved: ({ slots }, { text }) =>
    Object.entries(slots).flatMap(([component, seen]) =>
      Object.entries(seen)
        .filter(([, { present }]) => present)
        .map(([slot, { ready, desired }]) =>
          line(text.events.slot(component, slot, ready, desired), 'plain', `slot ${component} ${slot}`),
        ),
    ),
  SlotObserved: ({ component, slot, observed }, { text }) =>
    line(text.events.slot(component, slot, observed.ready, observed.desired), 'plain', `slot ${component} ${slot}`),
  RouteObserved: ({ component, observed }, { text }) =>
    line(
      observed.maintenance
        ? text.events.maintenance(component)
        : text.events.route(component, observed.weights.blue, observed.weights.green),
      'plain',
      `route ${component}`,
    ),
  GateChecked: ({ gate, verdict }, { text }) =>
    line(
      text.events.gate(gate, text.outcomes[verdict.outcome], text.told(verdict.said, verdict.text)),
      toneOf(verdict.outcome),
      `gate ${gate}`,
    ),
  SmokeFinished: ({ target, report }, { text }) => {
    const failed = report.checks.filter(({ passed }) => !passed)
    const passed = report.checks.length - failed.length
    return [
      line(text.events.smoke(target, passed, report.checks.length), report.passed ? 'good' : 'bad'),
      ...failed.map(({ name, expected, actual }) =>
        line(
          text.events.smokeFailed(text.tell(quote(name)), text.tell(quote(expected)), text.tell(quote(actual))),
          'bad',
        ),
      ),
    ]
  },
  Approved: ({ role, by }, { text }) => line(text.events.approved(role, by), 'good'),
  Rejected: ({ by, reason }, { text }) => line(text.events.rejected(by, text.tell(quote(reason))), 'bad'),
  RequestRefused: ({ by, request, reason, said }, { text }) =>
    line(text.events.refused(by, text.tell(nounOf(request) ?? verbatim(request)), text.told(said, reason)), 'doubt'),
  Paused: ({ by, reason, said }, { text }) => line(text.events.paused(by, text.told(said, reason)), 'doubt'),
  Resumed: ({ by }, { text }) => line(text.events.resumed(by)),
  Promoted: ({ by }, { text }) => line(text.events.promoted(by)),
  Judged: ({ verdicts }, { text }) =>
    verdicts.map((verdict) => ({
      ...line(verdictText(verdict, text), toneOf(verdict.outcome), `rule ${verdict.rule}`),
      isMinor: toneOf(verdict.outcome) === 'doubt',
    })),
  SharedCauseFound: ({ verdict }, { text }) =>
    line(text.events.sharedCause(text.told(verdict.said, verdict.text)), 'bad'),
  ControlLost: ({ component, share }, { text }) => line(text.events.controlLost(component, share), 'bad'),
  UnwellFound: ({ found }, { text }) =>
    line(
      text.events.unwell(found.map(({ what, text: why, said }) => `${what}: ${text.told(said, why)}`).join('; ')),
      'bad',
    ),
  LogDoubted: ({ why }, { text }) => line(text.events.logDoubted(text.tell(quote(why))), 'bad'),
  LogTrusted: (_, { text }) => line(text.events.logTrusted, 'good'),
  UnwellEnded: ({ lastedMs }, { text }) => line(text.events.unwellEnded(formatDuration(lastedMs)), 'good'),
  NoDataFound: ({ parts, until }, { text, at }) =>
    line(
      text.events['no-data'](
        parts.map(({ what, said, why }) => `${text.told(said, what)}: ${text.tell(quote(asClause(why)))}`).join('; '),
        at(until),
      ),
      'bad',
    ),
  NoDataAnswered: ({ by, parts, said }, { text }) =>
    line(text.events.noDataAnswered(by, text.told(said, parts.join(', '))), 'doubt'),
  NoDataEnded: ({ lastedMs }, { text }) => line(text.events.noDataEnded(formatDuration(lastedMs)), 'good'),
  SharedCauseEnded: ({ lastedMs }, { text }) => line(text.events.sharedCauseEnded(formatDuration(lastedMs))),
  RollbackTriggered: ({ mode, cause, text: why, said }, { text }) =>
    line(text.events.rollback(mode, cause, text.told(said, why)), 'bad'),
  Finalized: ({ slot, retireAt, previous }, { text, at }) =>
    line(text.events.finalized(slot, previous === null ? null : at(retireAt), previous ?? null), 'good'),
  WindowClosed: ({ reason }, { text }) =>
    line(reason === 'no-previous' ? text.events.nothingBefore : text.events.windowClosed),
  Aborted: ({ reason, said }, { text }) => line(text.events.aborted(text.told(said, reason)), 'bad'),
  RolledBack: ({ reason, said, trafficBackMs }, { text }) =>
    line(
      text.events.rolledBack(text.told(said, reason), trafficBackMs === null ? null : formatDuration(trafficBackMs)),
      'bad',
    ),
  NeedsHuman: ({ reason, said, todo, todoSaid }, { text }) =>
    line(text.events.needsHuman(text.told(said, reason), text.told(todoSaid, todo)), 'bad'),
  Resolved: ({ by, note }, { text }) => line(text.events.resolved(by, text.tell(quote(note)))),
  TimeShifted: ({ byMs, reason, said }, { text }) =>
    line(text.events.timeShifted(formatDuration(byMs), text.told(said, reason)), 'doubt'),
}
