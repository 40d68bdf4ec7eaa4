import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalAddress } from './peer.ts'

const SPELLINGS: readonly (readonly [string, string])[] = [
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::FFFF:127.0.0.1', '127.0.0.1'],
  ['::ffff:7f00:1', '127.0.0.1'],
  ['0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3'],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
  ['2001:DB8::0:A', '2001:db8::a'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['FE80::1%eth0', 'fe80::1'],
  ['fe80::1%25eth0', 'fe80::1'],
  ['::', '::'],
  ['64:ff9b::127.0.0.1', '64:ff9b::7f00:1'],
  ['unknown', 'unknown'],
]

test('an address has one spelling', () => {
  for (const [text, wanted] of SPELLINGS) assert.equal(canonicalAddress(text), wanted, text)
})
