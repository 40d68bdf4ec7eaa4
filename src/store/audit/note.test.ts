import { strict as assert } from 'node:assert'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { checkpointText, openNote, parseCheckpoint, signNote, verifierKey } from './note.ts'

/** The example of golang.org/x/mod/sumdb/note, where the format comes from. */
const NEUMANN = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const SIGNATURE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

test('a note of others is understood', () => {
  assert.deepEqual(openNote(`${TEXT}\n${SIGNATURE}`, NEUMANN), { ok: true, text: TEXT })
  assert.deepEqual(openNote(`${TEXT}\n— Somebody AAAAAAAA\n${SIGNATURE}`, NEUMANN), { ok: true, text: TEXT })
})

test('a note that was touched is refused, with the reason', () => {
  const why = (note: string, key = NEUMANN) => {
    const opened = openNote(note, key)
    return opened.ok ? 'fine' : opened.why
  }
  assert.match(why(`${TEXT.replace('think', 'hope')}\n${SIGNATURE}`), /does not fit its text/)
  assert.match(why(TEXT), /not a signed note/)
  assert.match(why(`${TEXT}\n— PeterNeumann AAAAAAAA\n`), /not signed by PeterNeumann\+c74f20a3/)
  assert.match(why(`${TEXT}\n${SIGNATURE}`, NEUMANN.replace('c74f', 'c74e')), /key id that is not its own/)
  assert.match(why(`${TEXT}\n${SIGNATURE}`, 'PeterNeumann+c74f20a3+AAAA'), /not an Ed25519 verifier key/)
})

test('our own checkpoints open with our own key, and with no other one', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const origin = 'stellwerk/0123'
  const checkpoint = { origin, size: 1042, root: Buffer.alloc(32, 7) }
  const note = signNote(checkpointText(checkpoint), origin, privateKey)
  const opened = openNote(note, verifierKey(origin, publicKey))
  assert.ok(opened.ok)
  assert.deepEqual(parseCheckpoint(opened.text), checkpoint)
  assert.deepEqual(parseCheckpoint(note), checkpoint)
  const other = generateKeyPairSync('ed25519').publicKey
  assert.equal(openNote(note, verifierKey(origin, other)).ok, false)
  assert.equal(openNote(note, verifierKey('stellwerk/4567', publicKey)).ok, false)
})

test('a key whose base64 text has plus signs works too', () => {
  let pair = generateKeyPairSync('ed25519')
  while (verifierKey('log', pair.publicKey).split('+').length < 4) pair = generateKeyPairSync('ed25519')
  const opened = openNote(signNote('text\n', 'log', pair.privateKey), verifierKey('log', pair.publicKey))
  assert.deepEqual(opened, { ok: true, text: 'text\n' })
})

test('what is no checkpoint is not taken for one', () => {
  const root = Buffer.alloc(32).toString('base64')
  for (const text of [
    '',
    'origin',
    `origin\n-1\n${root}\n`,
    `origin\n01\n${root}\n`,
    'origin\n1\nAAAA\n',
    `\n1\n${root}\n`,
  ]) {
    assert.equal(parseCheckpoint(text), null, JSON.stringify(text))
  }
})
