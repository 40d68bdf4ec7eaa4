import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { homeFor, keptElsewhere } from './account.ts'

const root = process.getuid?.() === 0
const somebody = { uid: 65_534, gid: 65_534 }
const silent = () => undefined

describe('where the database of a closed folder is kept', { skip: !root && 'not root' }, () => {
  let parent = ''
  let folder = ''
  const made = new Set<string>()
  beforeEach(async () => {
    parent = await temporaryFolder('account')
    folder = join(parent, 'postgres')
    await mkdir(folder, { mode: 0o700 })
  })
  afterEach(async () => {
    for (const home of made) await rm(home, { recursive: true, force: true })
  })
  const home = async (of = folder, account: typeof somebody | null = somebody) => {
    const found = await homeFor(of, account, silent)
    if (dirname(found) !== of) made.add(found)
    return found
  }

  it('is asked of the folder, wherever it was moved to', async () => {
    const first = await home()
    await rename(folder, join(parent, 'moved'))
    assert.equal(await home(join(parent, 'moved')), first)
    assert.equal(await keptElsewhere(join(parent, 'moved')), first)
  })

  it('is another one where the folder was deleted and made again at the same path', async () => {
    const first = await home()
    await rm(folder, { recursive: true })
    await mkdir(folder, { mode: 0o700 })
    assert.notEqual(await home(), first)
  })

  it('is the same for all who start at once, and nothing else is left behind', async () => {
    const homes = await Promise.all(Array.from({ length: 8 }, () => home()))
    assert.equal(new Set(homes).size, 1)
    const left = await readdir(dirname(homes[0]!))
    assert.ok(left.includes(basename(homes[0]!)))
    assert.deepEqual(await readdir(folder), ['home'])
  })

  it('is what an earlier version chose by the path, once', async () => {
    const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
    const before = join('/var/lib/stellwerk', hash)
    await mkdir(join(before, 'data'), { recursive: true })
    made.add(before)
    assert.deepEqual([await home(), await home()], [before, before])
    await rm(folder, { recursive: true })
    await mkdir(folder, { mode: 0o700 })
    assert.notEqual(await home(), before)
  })

  it('is not overlooked by somebody who cannot reach it', async () => {
    await home()
    await assert.rejects(
      home(folder, null),
      /is kept in \/var\/lib\/stellwerk\/\w+, which was made as root: start as root/,
    )
  })
})
