import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { notificationOf } from '../../testing/notifier-contract.ts'
import { cut, told } from './wording.ts'

test('people read first how urgent it is and what happened, at the end which rollout it is about', () => {
  assert.deepEqual(told(notificationOf({ title: 'shop v2 in prod:\nwas rolled back' })), {
    heading: '🟠 shop v2 in prod: was rolled back',
    text: '5 % of requests failed, the limit is 1 %',
    serving: 'Serving now: api v1 100 %',
    about: 'P2 · rolled-back · rollout shop-prod-2',
  })
})

test('what a channel adds is in the language of the rest', () => {
  const { serving, about } = told({ ...notificationOf({ serving: 'api v1 100 %' }), language: 'de' })
  assert.deepEqual([serving, about], ['Nutzer bedient jetzt: api v1 100 %', 'P2 · rolled-back · Rollout shop-prod-2'])
  assert.equal(cut('a'.repeat(100), 50, undefined, 'de'), `${'a'.repeat(19)}… (gekürzt, 81 weitere Zeichen)`)
})

test('what is cut is as long as it may be, and says how much is missing', () => {
  assert.equal(cut('a'.repeat(50), 50), 'a'.repeat(50))
  assert.equal(cut('a'.repeat(100), 50), `${'a'.repeat(17)}… (shortened, 83 more characters)`)
  const doubled = (text: string) => text.replaceAll('a', 'aa')
  assert.equal(cut('a'.repeat(100), 50, doubled), `${'aa'.repeat(7)}… (shortened, 93 more chaaraacters)`)
})

test('whatever the text, it is never longer than it may be, and no character is cut in two', () => {
  const escaped = (text: string) => text.replaceAll('&', '&amp;')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 60, max: 200 }), (text, max) => {
      const found = cut(`${text}&`, max, escaped)
      return found.length <= max && found.isWellFormed()
    }),
  )
})
