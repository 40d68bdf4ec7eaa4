import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findSpec } from './find.ts'

test('the spec is found in the folder, then in config, and its absence is said', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-find-'))
  context.after(() => rm(folder, { recursive: true }))
  const none = await findSpec(folder)
  assert.ok(!none.ok)
  assert.match(none.message, /there is no stellwerk.yaml or config\/stellwerk.yaml in .*; run `stellwerk init`/)
  await mkdir(join(folder, 'config'))
  await writeFile(join(folder, 'config/stellwerk.yaml'), 'b')
  assert.equal(((await findSpec(folder)) as { file: string }).file, 'config/stellwerk.yaml')
  await writeFile(join(folder, 'stellwerk.yaml'), 'a')
  assert.deepEqual(await findSpec(folder), { ok: true, file: 'stellwerk.yaml', text: Buffer.from('a') })
})

test('a spec that cannot be read is not passed over', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-find-'))
  context.after(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'stellwerk.yaml'))
  const found = await findSpec(folder)
  assert.deepEqual(found, { ok: false, message: 'stellwerk.yaml cannot be read (EISDIR)' })
})
