import type { Alarm } from '../../core/alarm.ts'
import { asClause, quote } from '../../core/say.ts'
import { formatDuration } from '../../core/time.ts'
import type { RolloutView, ServingView } from '../../core/views.ts'
import type { Outcome } from '../../core/verdict.ts'
import type { Messages } from '../../text/messages.ts'
import { type BlockPart, blockRows } from './block-lines.ts'
import { moment } from './moments.ts'
import { verdictText } from './progress.ts'
import type { Screen, Style } from './screen.ts'
import { joined, wrapped } from './wrapped.ts'

const BAR = 20
const STYLES: Readonly<Record<Outcome, Style>> = {
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  'no-evidence': 'yellow',
}

/** Fails matter most, passes least: that is what is left out first on a short terminal. */
const VERDICT_RANKS: Readonly<Record<Outcome, number>> = { fail: 3, 'no-evidence': 5, inconclusive: 5, pass: 8 }

/** A rollout in a few lines, as it is at `now`: where it stands, who serves, the verdicts, what it waits for. */
export function rolloutBlock(view: RolloutView, now: number, text: Messages, screen: Screen): readonly BlockPart[] {
  const inside = screen.io.stderr.columns - 4
  const painted = (style: Style, line: string) => wrapped(line, inside).map((part) => `  ${screen.paint(style, part)}`)
  const loud = [...alarmLines(view.alarms, now, text), ...reasonLines(view, text)]
  return [
    { rank: 0, lines: headLines(view, now, text, screen) },
    { rank: 1, lines: track(view, screen).map((line) => `  ${line}`) },
    ...(view.run === null ? [] : [{ rank: 6, lines: painted('dim', `${text.summary.run}: ${view.run}`) }]),
    ...view.serving.flatMap((serving) => servingParts(serving, text, screen)),
    ...loud.map((line) => ({ rank: 1, lines: painted('red', line) })),
    ...untold(view).map((verdict) => ({
      rank: VERDICT_RANKS[verdict.outcome],
      lines: verdictLines(verdict, inside, text, screen).map((line) => `  ${line}`),
    })),
    ...waits(view, now, text).map(({ line, rank }) => ({ rank, lines: painted('cyan', line) })),
  ]
}

/** Service, version and phase, and how long it has been in it; broken between them where the terminal is narrow. */
function headLines(view: RolloutView, now: number, text: Messages, screen: Screen): readonly string[] {
  const since = view.waiting?.since ?? null
  const isNew = since === null || now - since < 1000
  const elapsed = isNew ? [] : [`${text.labels.elapsed} ${formatDuration(now - since)}`]
  const parts = [`${view.service} ${view.environment}`, view.version, view.id, text.phases[view.phase]]
  const painted = [
    ...parts.map((part) => screen.paint('bold', part)),
    ...elapsed.map((part) => screen.paint('dim', part)),
  ]
  return joined(painted, '  ', screen.io.stderr.columns - 1, '  ')
}

/** The verdict that demanded the way back stands in the reason already, numbers and all. */
function untold({ verdicts, reason }: RolloutView): RolloutView['verdicts'] {
  return verdicts.filter(({ text }) => reason?.includes(text) !== true)
}

/** Whole, over as many lines as it takes: the numbers are what a verdict is about. */
function verdictLines(
  verdict: RolloutView['verdicts'][number],
  columns: number,
  text: Messages,
  screen: Screen,
): readonly string[] {
  const [first = '', ...rest] = wrapped(verdictText(verdict, text), columns)
  return [`${screen.paint(STYLES[verdict.outcome], first.slice(0, 1))}${first.slice(1)}`, ...rest]
}

/** What somebody should know now, each in a line: since when, and until when it is waited for. */
export function alarmLines(alarms: readonly Alarm[], now: number, text: Messages): readonly string[] {
  return alarms.map(({ kind, since, until, said }) => {
    const [what, why] = [text.tell(said.what), text.tell(said.why)]
    const end = until === null ? '' : text.alarmUntil(moment(until, now, text))
    // What comes after it goes on in the same sentence.
    const reason = end === '' ? why : asClause(why)
    return `${text.labels.alarm} ${text.alarm(kind, what, moment(since, now, text), reason)}${end}`
  })
}

/** Why it goes back, or went, with the numbers that demanded it. */
export function reasonLines({ reason, reasonSaid }: RolloutView, text: Messages): readonly string[] {
  return reason === null ? [] : [`${text.labels.why}: ${text.told(reasonSaid ?? undefined, reason)}`]
}

/** What it waits for, since when, until when, what then, and the command that goes on (law L6). */
export function waitingLines(view: RolloutView, now: number, text: Messages): readonly string[] {
  return waits(view, now, text).map(({ line }) => line)
}

function waits(view: RolloutView, now: number, text: Messages): readonly { line: string; rank: number }[] {
  const { paused } = view
  const isTold = paused !== null && view.waiting?.for.includes(paused.reason) === true && paused.by === 'system'
  const lines =
    paused && !isTold ? [{ line: text.paused(paused.by, text.told(paused.said, paused.reason)), rank: 2 }] : []
  if (view.waiting === null) return lines
  const { since, earliest, until, command } = view.waiting
  const { what, next } = text.wait(view.waiting)
  const left = earliest !== null && earliest >= now + 1000 ? text.left(formatDuration(earliest - now)) : ''
  const end = until === null ? null : moment(until, now, text)
  const line = text.waiting(`${what}${left}`, moment(since, now, text), end, next)
  const goesOn = command === null ? [] : [{ line: text.goesOnWith(command), rank: 6 }]
  return [...lines, { line, rank: 2 }, ...goesOn]
}

function track({ steps: { names, at, rollback, rollbackAt } }: RolloutView, screen: Screen): readonly string[] {
  const [shown, reached, arrow] = rollback === null ? [names, at, ' → '] : [rollback, rollbackAt, ' ← ']
  const marks = shown.map((name, index) => {
    if (index < reached) return screen.paint('green', `${name} ✓`)
    return index === reached ? screen.paint('bold', `[${name}]`) : screen.paint('dim', name)
  })
  const { columns, rows } = screen.io.stderr
  return windowOn(marks, reached, Math.max(1, Math.floor(blockRows(rows) / 6)), (some) =>
    joined(some, arrow, columns - 4, `  ${arrow.trim()} `),
  )
}

/** As many of `marks` around the one at `at` as `most` lines hold: where it stands is seen on every terminal. */
function windowOn(
  marks: readonly string[],
  at: number,
  most: number,
  lay: (marks: readonly string[]) => readonly string[],
): readonly string[] {
  for (let count = marks.length; count > 1; count -= 1) {
    const from = Math.max(0, Math.min(at - Math.floor((count - 1) / 3), marks.length - count))
    const [before, after] = [from > 0 ? ['…'] : [], from + count < marks.length ? ['…'] : []]
    const lines = lay([...before, ...marks.slice(from, from + count), ...after])
    if (lines.length <= most) return lines
  }
  return lay(marks.slice(at, at + 1))
}

function servingParts(serving: ServingView, text: Messages, screen: Screen): readonly BlockPart[] {
  const inside = screen.io.stderr.columns - 4
  // A share that nobody has looked at is no share of 0 %: what is known is what was seen before this release (law L10).
  if (serving.observedAt === null) {
    const known = wrapped(`${serving.component}: ${text.tell(serving.said.text)}`, inside)
    return [{ rank: 5, lines: known.map((line) => `  ${line}`) }]
  }
  const slots = serving.slots.map((slot) => {
    const { unready, ready, desired } = slot
    const why = unready === null || ready >= desired ? [] : wrapped(text.tell(quote(unready)), inside - 2)
    const lines = [
      slotLine(serving.component, slot, text, screen),
      ...why.map((line) => `    ${screen.paint('yellow', line)}`),
    ]
    return { rank: why.length > 0 ? 4 : 5, lines }
  })
  if (serving.said.alarm === null) return slots
  const alarm = wrapped(`${text.labels.alarm}: ${text.tell(serving.said.alarm)}`, inside)
  return [...slots, { rank: 1, lines: alarm.map((line) => `  ${screen.paint('red', line)}`) }]
}

/** `  api green ██████░░░░  30 %  v2  2/2 ready`; a narrow terminal takes from the bar, never from the numbers. */
function slotLine(
  component: string,
  { slot, version, weight, ready, desired }: ServingView['slots'][number],
  text: Messages,
  screen: Screen,
): string {
  const before = `  ${component} ${slot.padEnd(5)}`
  const after = `${String(weight).padStart(3)} %  ${version ?? '-'}  ${ready}/${desired} ${text.labels.ready}`
  const room = Math.min(BAR, screen.io.stderr.columns - 3 - before.length - after.length)
  if (room < 4) return `${before} ${after}`
  const filled = Math.round((weight / 100) * room)
  const bar = screen.paint(slot === 'green' ? 'green' : 'cyan', '█'.repeat(filled)) + '░'.repeat(room - filled)
  return `${before} ${bar} ${after}`
}
