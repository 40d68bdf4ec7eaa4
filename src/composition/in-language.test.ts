import assert from 'node:assert/strict'
import { test } from 'node:test'
import { say } from '../core/say.ts'
import { notificationOf } from '../testing/notifier-contract.ts'
import { inLanguage } from './in-language.ts'

const SAID = { title: say`is live`, text: say`Every step passed.`, serving: say`maintenance page` }

test('a route that says nothing of it is told in English, and nothing but words goes out', () => {
  const notification = notificationOf({})
  assert.deepEqual(inLanguage({ ...notification, said: SAID }), notification)
})

test('a German route is told in German, what an older version recorded as a quotation', () => {
  const german = { ...notificationOf({ title: 'was rolled back', text: '' }), language: 'de' as const }
  const { title, text, serving } = inLanguage({ ...german, said: SAID })
  assert.deepEqual([title, text, serving], ['ist live', 'Alle Schritte sind bestanden.', 'Wartungsseite'])
  assert.deepEqual(inLanguage(german), { ...german, title: '„was rolled back“', serving: `„${german.serving}“` })
})
