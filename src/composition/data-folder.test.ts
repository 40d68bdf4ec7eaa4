import { english } from '../core/say.ts'
import assert from 'node:assert/strict'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { StellwerkError } from '../errors.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { systemClock } from './clock.ts'
import { makeDataFolder } from './data-folder.ts'
import { openDatabase } from './database.ts'
import { silent } from '../ports/log.ts'

describe('the data folder', () => {
  it('is made with what is above it, passable and not to be looked into, and the topmost made is named', async () => {
    const parent = await temporaryFolder('data-folder')
    const folder = join(parent, 'a/b')
    assert.equal(await makeDataFolder(folder), join(parent, 'a'))
    assert.equal((await stat(folder)).mode & 0o777, 0o711)
    assert.equal(await makeDataFolder(folder), undefined)
  })

  it('is the same for all who make it at once', async () => {
    const folder = join(await temporaryFolder('data-folder'), 'a/b/c')
    await Promise.all(Array.from({ length: 8 }, () => makeDataFolder(folder)))
    assert.ok((await stat(folder)).isDirectory())
  })

  const refused = (folder: string, why: RegExp) =>
    assert.rejects(makeDataFolder(folder), (error) => {
      assert.ok(error instanceof StellwerkError)
      assert.match(english(error.text.what), /^cannot make the data folder /)
      assert.match(english(error.text.why), why)
      assert.match(english(error.text.fix ?? ''), /--data FOLDER/)
      return true
    })

  it('cannot be made where a file is in the way', async () => {
    const parent = await temporaryFolder('data-folder')
    await writeFile(join(parent, 'file'), '')
    await refused(join(parent, 'file'), /EEXIST/)
    await refused(join(parent, 'file/below'), /EEXIST|ENOTDIR/)
  })

  it(
    'cannot be made where the system lets nobody, and that is said at once',
    { skip: process.platform !== 'linux' },
    () => refused('/proc/stellwerk/data', /ENOENT/),
  )
})

describe('a database that cannot be started', () => {
  it('is an operating error that says what to do', async () => {
    const dataFolder = await temporaryFolder('database')
    const elsewhere = join(dataFolder, 'elsewhere')
    await mkdir(join(dataFolder, 'postgres'))
    await mkdir(join(elsewhere, 'data'), { recursive: true })
    await writeFile(join(elsewhere, 'data/PG_VERSION'), '9\n')
    // The folder of another version, or, for somebody who is not root, of root's.
    await writeFile(join(dataFolder, 'postgres/home'), elsewhere)
    const access = { databaseUrl: null, migrationUrl: null, dataFolder }
    const opened = openDatabase({ ...access, progress: () => {}, clock: systemClock, log: silent, onLost: () => {} })
    await assert.rejects(opened, (error) => {
      assert.ok(error instanceof StellwerkError)
      assert.equal(english(error.text.what), 'PostgreSQL cannot be started')
      assert.match(english(error.text.why), /was written by PostgreSQL 9|start as root/)
      return true
    })
  })
})
