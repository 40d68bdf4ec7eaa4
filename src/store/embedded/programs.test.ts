import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { closedFolder, sharedPrograms } from './account.ts'
import { findPrograms, isGlibcHere, linkLibraries, reachable } from './programs.ts'

describe('what the user "postgres" can reach', { skip: process.getuid?.() !== 0 && 'not root' }, () => {
  const account = { uid: 65_534, gid: 65_534 }
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stellwerk-programs-'))
    await mkdir(join(folder, 'native/bin'), { recursive: true })
    await writeFile(join(folder, 'native/bin/postgres'), 'program')
    await symlink('postgres', join(folder, 'native/bin/link'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is told by the first folder that is closed', async () => {
    const program = join(folder, 'native/bin')
    await chmod(folder, 0o755)
    assert.equal(await closedFolder(program, account), null)
    await chmod(join(folder, 'native'), 0o754)
    assert.equal(await closedFolder(program, account), join(folder, 'native'))
    await chmod(folder, 0o700)
    assert.equal(await closedFolder(program, account), folder)
    assert.equal(await closedFolder(program, null), null)
    assert.equal(await closedFolder(join(folder, 'not-there'), { uid: 0, gid: 0 }), null)
  })

  it('programs in an open folder stay, those in a closed one are copied once', async () => {
    const lines: string[] = []
    const version = `test-${process.pid}`
    const find = () => reachable(join(folder, 'native'), version, account, (line) => lines.push(line))
    await chmod(folder, 0o755)
    assert.equal(await find(), join(folder, 'native'))
    await chmod(folder, 0o700)
    const copies = await Promise.all([find(), find()])
    try {
      assert.deepEqual(copies, [sharedPrograms(version), sharedPrograms(version)])
      assert.equal(await readFile(join(copies[0] as string, 'bin/postgres'), 'utf8'), 'program')
      assert.equal(await readlink(join(copies[0] as string, 'bin/link')), 'postgres')
      const said = lines.length
      assert.equal(await find(), sharedPrograms(version))
      assert.equal(lines.length, said)
      assert.match(lines[0] ?? '', /is closed to the user "postgres": copying/)
    } finally {
      await rm(sharedPrograms(version), { recursive: true, force: true })
    }
  })
})

it('libraries are linked where the install script of the package was not run', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-programs-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'native/lib/more'), { recursive: true })
  await linkLibraries(folder)
  assert.deepEqual(await readdir(join(folder, 'native/lib')), ['more'], 'a package without a list has none to make')
  await writeFile(join(folder, 'native/lib/libicuuc.so.60.2'), 'library')
  const links = ['libicuuc.so', 'libicuuc.so.60', 'more/libicuuc.so'].map((name) => ({
    source: 'native/lib/libicuuc.so.60.2',
    target: `native/lib/${name}`,
  }))
  await writeFile(join(folder, 'native/pg-symlinks.json'), JSON.stringify(links))
  await symlink('libicuuc.so.60.2', join(folder, 'native/lib/libicuuc.so'))
  await Promise.all([linkLibraries(folder), linkLibraries(folder)])
  for (const { target } of links) assert.equal(await readFile(join(folder, target), 'utf8'), 'library')
  await linkLibraries(folder)
})

it('without glibc it is said what to do, before a program is started that nobody can run', async () => {
  assert.equal(
    isGlibcHere(),
    process.platform !== 'linux' || existsSync('/lib64/ld-linux-x86-64.so.2') || process.arch !== 'x64',
  )
  const asked = findPrograms(null, () => {}, false)
  await assert.rejects(asked, /needs glibc, which this Linux does not have .*: set DATABASE_URL to a PostgreSQL/)
})
