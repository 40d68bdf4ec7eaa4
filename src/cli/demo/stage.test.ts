import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { makeRemovable } from './stage.ts'

test('what was taken over read-only can be removed by whoever is not root; what a link leads to is left alone', async () => {
  const folder = await temporaryFolder('stage')
  const [taken, inner, elsewhere] = ['taken', 'taken/inner', 'elsewhere'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const made of [taken, inner, elsewhere]) mkdirSync(made)
  writeFileSync(join(inner, 'server.js'), '')
  symlinkSync(elsewhere, join(inner, 'link'))
  for (const closed of [inner, taken, elsewhere]) chmodSync(closed, 0o500)
  await makeRemovable(taken)
  const modes = [taken, inner, elsewhere].map((path) => statSync(path).mode & 0o777)
  assert.deepEqual(modes, [0o700, 0o700, 0o500])
})
