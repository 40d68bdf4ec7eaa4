import { formatDuration } from '../../core/time.ts'
import type { RolloutView, ServingView } from '../../core/views.ts'
import type { Outcome } from '../../core/verdict.ts'
import type { Messages } from '../messages.ts'
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

/** A rollout in a few lines, as it is at `now`: where it stands, who serves, the verdicts, what it waits for. */
export function rolloutBlock(view: RolloutView, now: number, text: Messages, screen: Screen): readonly string[] {
  const since = view.waiting?.since ?? null
  const elapsed = since === null ? '' : `${text.labels.elapsed} ${formatDuration(Math.max(0, now - since))}`
  const head = `${view.service} ${view.environment}  ${view.version}  ${view.id}  ${text.phases[view.phase]}`
  return [
    `${screen.paint('bold', head)}  ${screen.paint('dim', elapsed)}`,
    ...track(view, screen).map((line) => `  ${line}`),
    ...view.serving.flatMap((serving) => servingLines(serving, text, screen)),
    ...reasonLines(view, text)
      .flatMap((line) => wrapped(line, screen.io.stderr.columns - 4))
      .map((line) => `  ${screen.paint('red', line)}`),
    ...view.verdicts.map(({ outcome, text: why }) => {
      const said = verdictText(outcome, why, text)
      return `  ${screen.paint(STYLES[outcome], said.slice(0, 1))}${said.slice(1)}`
    }),
    ...waitingLines(view, now, text)
      .flatMap((line) => wrapped(line, screen.io.stderr.columns - 4))
      .map((line) => `  ${screen.paint('cyan', line)}`),
  ]
}

/** Why it goes back, or went, with the numbers that demanded it. */
export function reasonLines({ reason }: RolloutView, text: Messages): readonly string[] {
  return reason === null ? [] : [`${text.labels.why}: ${reason}`]
}

/** What it waits for, since when, until when, what then, and the command that goes on (law L6). */
export function waitingLines(view: RolloutView, now: number, text: Messages): readonly string[] {
  const lines = view.paused ? [text.paused(view.paused.by, view.paused.reason)] : []
  if (view.waiting === null) return lines
  const { for: what, since, earliest, until, then: next, command } = view.waiting
  const left = earliest !== null && earliest >= now + 1000 ? text.left(formatDuration(earliest - now)) : ''
  const end = until === null ? null : moment(until, now, text)
  const waits = text.waiting(`${what}${left}`, moment(since, now, text), end, next)
  return [...lines, waits, ...(command === null ? [] : [text.goesOnWith(command)])]
}

function track({ steps: { names, at, back, backAt } }: RolloutView, screen: Screen): readonly string[] {
  const [shown, reached, arrow] = back === null ? [names, at, ' → '] : [back, backAt, ' ← ']
  const marks = shown.map((name, index) => {
    if (index < reached) return screen.paint('green', `${name} ✓`)
    return index === reached ? screen.paint('bold', `[${name}]`) : screen.paint('dim', name)
  })
  return joined(marks, arrow, screen.io.stderr.columns - 4, `  ${arrow.trim()} `)
}

function servingLines(serving: ServingView, text: Messages, screen: Screen): readonly string[] {
  const slots = serving.slots.flatMap(({ slot, version, weight, ready, desired, unready }) => {
    const filled = Math.round((weight / 100) * BAR)
    const bar = screen.paint(slot === 'green' ? 'green' : 'cyan', '█'.repeat(filled)) + '░'.repeat(BAR - filled)
    const share = `${String(weight).padStart(3)} %`
    const line = `  ${serving.component} ${slot.padEnd(5)} ${bar} ${share}  ${version ?? '-'}  ${ready}/${desired} ${text.labels.ready}`
    return unready === null || ready >= desired ? [line] : [line, `    ${screen.paint('yellow', unready)}`]
  })
  const alarm = serving.alarm ? [`  ${screen.paint('red', `${text.labels.alarm}: ${serving.alarm}`)}`] : []
  return [...slots, ...alarm]
}
