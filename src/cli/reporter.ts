import type { RolloutView } from '../core/views.ts'
import type { StoredEvent } from '../ports/store.ts'
import { oneLine } from './border.ts'
import type { FedEvent } from './client/event-feed.ts'
import { LiveBlock } from './screen/live-block.ts'
import { stamp } from './screen/moments.ts'
import { isFirstBy, type ProgressLine, progressLines } from './screen/progress.ts'
import { rolloutBlock, waitingLines } from './screen/rollout-block.ts'
import { wrapped } from './screen/wrapped.ts'
import type { Style } from './screen/screen.ts'
import type { Shell } from './verb.ts'
import { type Timer, startInterval } from '../timers.ts'

const REDRAW_MS = 1000
/** `14:02:11Z  ` */
const TIME_COLUMNS = 11
const STYLES: Readonly<Record<ProgressLine['tone'], Style | null>> = {
  good: 'green',
  bad: 'red',
  doubt: 'yellow',
  plain: null,
}

/**
 * Tells a person how a rollout goes: a line for every fact, and on a terminal a block below that shows where it stands.
 * Without a terminal every new wait is a line of its own, after the facts that led to it: a view may be ahead of them. Under --json, the events themselves go to stdout.
 */
export class Reporter {
  readonly #shell: Shell
  readonly #block: LiveBlock
  readonly #since: number
  readonly #said = new Map<string, string>()
  #view: RolloutView | null = null
  #waitSaid = ''
  /** When the newest event happened that came, told or not. */
  #toldUntil = 0
  /** Nothing is live beside what is released: its steps are called otherwise. */
  #isFirst = false
  #redraw: Timer | null = null

  /** `since`: what happened before is known, and is not told again. */
  constructor(shell: Shell, since = 0) {
    this.#shell = shell
    this.#since = since
    this.#block = new LiveBlock(shell.screen, shell.text.more)
  }

  event({ json }: FedEvent): void {
    const { globals, screen } = this.#shell
    const event = JSON.parse(json) as StoredEvent
    this.#toldUntil = Math.max(this.#toldUntil, event.at)
    if (event.at < this.#since) return
    if (globals.json) screen.result(json)
    this.fact(event)
  }

  /** The lines of an event, without its JSON. */
  fact(event: StoredEvent): void {
    this.#isFirst = isFirstBy(event) ?? this.#isFirst
    for (const line of progressLines(event, this.#shell.text, this.#isFirst)) this.#say(line, event.at)
  }

  /** `isTold`: every event that led to it was given before. */
  view(view: RolloutView, isTold = view.updatedAt <= this.#toldUntil): void {
    this.#view = view
    if (this.#shell.screen.live) {
      this.#draw()
      this.#redraw ??= startInterval(() => this.#draw(), REDRAW_MS)
    } else if (isTold) this.#sayWait(view)
  }

  /** A line about the connection, not about the rollout. */
  note(text: string): void {
    this.#block.log(this.#shell.screen.paint('yellow', `${stamp(this.#now(), this.#now())}  ${text}`))
  }

  end(): void {
    if (this.#redraw) this.#redraw?.stop()
    this.#block.end()
  }

  #say({ text, tone, subject, isMinor }: ProgressLine, at: number): void {
    if (isMinor || (subject !== null && this.#said.get(subject) === text)) return
    if (subject !== null) this.#said.set(subject, text)
    const { screen } = this.#shell
    const style = STYLES[tone]
    const time = screen.paint('dim', stamp(at, this.#now()))
    const shown = this.#fitted(oneLine(text))
    this.#block.log(`${time}  ${style === null ? shown : screen.paint(style, shown)}`)
  }

  /** Below its beginning, beside the time, where a terminal would break it anywhere. */
  #fitted(text: string): string {
    const { screen } = this.#shell
    if (!screen.live) return text
    return wrapped(text, screen.io.stderr.columns - TIME_COLUMNS - 1).join(`\n${' '.repeat(TIME_COLUMNS)}`)
  }

  #sayWait(view: RolloutView): void {
    const key = JSON.stringify([view.waiting, view.paused])
    if (key === this.#waitSaid) return
    this.#waitSaid = key
    const now = this.#now()
    for (const line of waitingLines(view, now, this.#shell.text)) this.#block.log(`${stamp(now, now)}  ${line}`)
  }

  #draw(): void {
    const { screen, text } = this.#shell
    if (this.#view) this.#block.show(rolloutBlock(this.#view, this.#now(), text, screen))
  }

  #now(): number {
    return this.#shell.io.now()
  }
}
