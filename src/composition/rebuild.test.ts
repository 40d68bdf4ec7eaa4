import assert from 'node:assert/strict'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { english } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { rebuildTables } from './rebuild.ts'

const REST = { databaseUrl: null, migrationUrl: null, logLevel: 'error', progress: () => undefined } as const

test('a folder in which no control plane was ever started is no empty log: nothing is rebuilt, and nothing made in it', async (t) => {
  const dataFolder = await temporaryFolder('rebuild')
  t.after(() => rm(dataFolder, { recursive: true, force: true }))
  for (const [folder, what] of [
    [join(dataFolder, 'nowhere'), /^there is no data folder .*nowhere$/],
    [dataFolder, /^nothing was rebuilt: there is no database in /],
  ] as const) {
    await assert.rejects(rebuildTables({ ...REST, dataFolder: folder }), (error) => {
      assert(error instanceof StellwerkError)
      assert.equal(error.exit, 'usage')
      assert.match(english(error.text.what), what)
      assert.match(english(error.text.fix ?? ''), /--data/)
      return true
    })
  }
  assert.deepEqual(await readdir(dataFolder), [])
})
