import { strict as assert } from 'node:assert'
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { openAuditKey } from './key.ts'
import { verifierKey } from './note.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stellwerk-key-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const name = async () => verifierKey('log', (await openAuditKey(folder)).publicKey)

test('the key is made once, for its owner only, also when two begin at once', async () => {
  const [one, other] = await Promise.all([name(), name()])
  assert.equal(one, other)
  assert.equal(await name(), one)
  assert.equal((await stat(join(folder, 'audit-key.pem'))).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(folder), ['audit-key.pem'])
})

test('a key that others can read is refused, with the command that mends it', async () => {
  await name()
  await chmod(join(folder, 'audit-key.pem'), 0o640)
  await assert.rejects(name(), /run "chmod 600 .*audit-key\.pem"/)
})

test('a file that is no such key is refused', async () => {
  await writeFile(join(folder, 'audit-key.pem'), 'no key', { mode: 0o600 })
  await assert.rejects(name(), /not an Ed25519 private key in PEM form: restore it from a backup/)
})
