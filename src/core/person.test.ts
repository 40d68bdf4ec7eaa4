import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountKey, isSamePerson, lookalikes, mailOf, personOf, readPerson } from './person.ts'

const SAM: readonly string[] = [
  'sam',
  'Sam',
  'SAM',
  ' sam ',
  '\tsam\n',
  'person:sam',
  'person:SAM',
  'Person:Sam',
  'PERSON:sam',
  'Ｓａｍ',
  'person：ｓａｍ',
  'ſam',
]

test('one person has one id, however it is spelt', () => {
  for (const text of SAM) assert.deepEqual(readPerson(text), { ok: true, id: 'person:sam' }, JSON.stringify(text))
  for (const text of SAM) assert.ok(isSamePerson(text, 'sam'), JSON.stringify(text))
})

test('kinds are kept apart, and only those that are known exist', () => {
  assert.deepEqual(readPerson('CI:GitHub'), { ok: true, id: 'ci:github' })
  assert.deepEqual(readPerson('system:timer'), { ok: true, id: 'system:timer' })
  assert.ok(!isSamePerson('ci:sam', 'sam'))
  for (const text of ['group:backend', 'robot:sam', ':sam', 'person:', 'person:person:sam']) {
    assert.equal(readPerson(text).ok, false, text)
  }
})

const NOBODY: readonly (readonly [string, RegExp])[] = [
  ['', /pseudonym/],
  ['   ', /pseudonym/],
  ['sam smith', /pseudonym/],
  ['sam@example.org', /e-mail address/],
  ['Sam <sam@example.org>', /e-mail address/],
  ['ѕam', /U\+0455/],
  ['sаm', /U\+0430/],
  ['sam\u200B', /U\+200B/],
  ['s\u202Eam', /U\+202E/],
  ['sam\u0000', /U\+0000/],
  ['sam\u0301', /U\+1E3F|U\+0301/],
  ['ꮪam', /U\+/],
  ['-sam', /pseudonym/],
  ['sam/../root', /pseudonym/],
  [`${'x'.repeat(64)}`, /pseudonym/],
]

test('what cannot be told apart, or is no pseudonym, is nobody', () => {
  for (const [text, why] of NOBODY) {
    const read = readPerson(text)
    assert.equal(read.ok, false, JSON.stringify(text))
    assert.match(read.ok ? '' : read.why, why, JSON.stringify(text))
    assert.equal(personOf(text), text)
  }
})

test('an address is one address, and stands nowhere but as its digest', () => {
  const spellings = [
    'sam@example.org',
    'Sam@Example.ORG',
    ' sam@example.org ',
    'Sam Smith <sam@example.org>',
    'mailto:sam@example.org',
    'sam+git@example.org',
    'ｓａｍ@example.org',
    'sam@example.org.',
  ]
  for (const text of spellings) assert.equal(mailOf(text), 'sam@example.org', text)
  const keys = spellings.map((text) => accountKey(text, (mail) => `${mail.length}`.padEnd(64, '0')))
  assert.deepEqual(new Set(keys).size, 1)
  assert.ok(keys.every((key) => key?.startsWith('mail:') && !key.includes('@')))
  assert.equal(accountKey('ASmith', String), 'person:asmith')
  assert.equal(accountKey('two words', String), null)
  for (const text of ['sam', '@example.org', 'sam@', 'a b@c']) assert.equal(mailOf(text), null, text)
})

test('ids that an eye takes for each other are found', () => {
  const pairs = [
    ['person:paul', 'person:pau1'],
    ['person:sam.smith', 'person:sam-smith'],
    ['person:bob', 'person:b0b'],
    ['person:arne', 'person:ame'],
    ['person:lisa', 'person:iisa'],
  ] as const
  for (const pair of pairs) assert.deepEqual(lookalikes(pair), [pair])
  assert.deepEqual(lookalikes(['person:sam', 'person:kim', 'ci:sam', 'person:sam']), [])
})
