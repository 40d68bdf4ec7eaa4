/** Which languages there are, and in which one somebody reads. */
import { de } from './de.ts'
import { en } from './en.ts'
import type { Messages } from './messages.ts'

export type Language = 'en' | 'de'

export const LANGUAGES: readonly Language[] = ['en', 'de']

export function messagesIn(language: Language): Messages {
  return language === 'de' ? de : en
}

/** `de_DE.UTF-8` is German; whatever we do not speak is English. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  return (env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '').startsWith('de') ? 'de' : 'en'
}
