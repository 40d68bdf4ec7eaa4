/** How people are told of something, in the same words by every channel that people read. */
import { english, say, type Sentence } from '../../core/say.ts'
import { german } from '../../text/german.ts'
import { foreignLine } from '../../core/foreign-text.ts'
import type { Notification } from '../../ports/notifier.ts'

export const SIGNS: Readonly<Record<Notification['priority'], string>> = { P1: '🔴', P2: '🟠', P3: '🟡', info: '🔵' }

export type Told = {
  /** `🔴 shop v2 in prod: needs a human`: one line. */
  readonly heading: string
  readonly text: string
  /** `Serving now: api v1 100 %` */
  readonly serving: string
  /** `P1 · needs-human · rollout shop-prod-2`: by it, what belongs together is found where a channel cannot group. */
  readonly about: string
}

export function told({ event, priority, title, text, serving, about, language }: Notification): Told {
  return {
    heading: `${SIGNS[priority]} ${foreignLine(title)}`,
    text,
    serving: inWords(say`Serving now: ${serving}`, language),
    about: `${priority} · ${event} · ${inWords(say`rollout ${about.rollout}`, language)}`,
  }
}

/** What an adapter adds to a notification, in the language of the rest. */
export function inWords(sentence: Sentence, language: Notification['language']): string {
  return language === 'de' ? german(sentence) : english(sentence)
}

/**
 * At most `max` characters of what `written` makes of the text: the channel's escapes. What is missing is said:
 * `first words… (shortened, 120 more characters)`.
 */
export function cut(
  text: string,
  max: number,
  written: (text: string) => string = (plain) => plain,
  language?: Notification['language'],
): string {
  const whole = written(text)
  if (whole.length <= max) return whole
  const shortened = (length: number) => {
    const kept = text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
    return written(`${kept}… ${inWords(say`(shortened, ${text.length - kept.length} more characters)`, language)}`)
  }
  let [fits, tooLong] = [0, text.length]
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2)
    if (shortened(middle).length <= max) fits = middle
    else tooLong = middle
  }
  return shortened(fits)
}
