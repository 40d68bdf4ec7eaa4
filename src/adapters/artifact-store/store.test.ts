import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Result } from '../../ports/result.ts'
import { type ArchiveLimits, unpack } from './archive.ts'
import { createArtifactStore, digestTree } from './store.ts'

const SIGNAL = new AbortController().signal

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-store-'))
  context.after(() => {
    execFileSync('chmod', ['-R', 'u+w', folder])
    execFileSync('rm', ['-rf', folder])
  })
  return folder
}

async function givenTree(folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'lib/empty'), { recursive: true })
  await writeFile(join(tree, 'server.js'), 'console.log("hello")')
  await writeFile(join(tree, 'lib/ü b.txt'), 'text')
  await writeFile(join(tree, 'run.sh'), '#!/bin/sh', { mode: 0o755 })
  await symlink('../server.js', join(tree, 'lib/link.js'))
  return tree
}

function value<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.message)
  return result.value
}

function refused(result: Result<unknown>, kind: string, message: RegExp): void {
  assert.ok(!result.ok, 'must be refused')
  assert.equal(result.kind, kind)
  assert.match(result.message, message)
}

test('a folder and the archives of it have one digest', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const digest = value(await digestTree(tree))
  assert.match(digest, /^sha256:[0-9a-f]{64}$/)
  for (const [name, flags] of [
    ['a.tar', '-cf'],
    ['a.tar.gz', '-czf'],
    ['a.tgz', '-czf'],
  ] as const) {
    execFileSync('tar', [flags, join(folder, name), '-C', tree, '.'])
    assert.equal(value(await digestTree(join(folder, name))), digest, name)
  }
  for (const name of ['a.tar.zst', 'a.tzst']) {
    await writeFile(join(folder, name), zstdCompressSync(await readFile(join(folder, 'a.tar'))))
    assert.equal(value(await digestTree(join(folder, name))), digest, name)
  }
})

test('refuses an archive that unpacks to too much, before it fills the disk, or that is broken', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  await writeFile(join(tree, 'zeros'), '')
  await truncate(join(tree, 'zeros'), 50_000_000)
  const to = join(folder, 'to')
  const unpacked = async (name: string, limits: ArchiveLimits) => {
    await rm(to, { recursive: true, force: true })
    await mkdir(to)
    return unpack(join(folder, name), to, SIGNAL, limits)
  }
  const enough = { entriesMax: 10, bytesMax: 60_000_000 }
  const little = { entriesMax: 10, bytesMax: 1_000_000 }
  execFileSync('tar', ['-cf', join(folder, 'a.tar'), '-C', tree, '.'])
  const plain = await readFile(join(folder, 'a.tar'))
  await writeFile(join(folder, 'bomb.tar.gz'), gzipSync(plain))
  await writeFile(join(folder, 'bomb.tar.zst'), zstdCompressSync(plain))
  execFileSync('tar', ['-cSf', join(folder, 'holes.tar'), '-C', tree, '.'])
  for (const name of ['a.tar', 'bomb.tar.gz', 'bomb.tar.zst']) {
    value(await unpacked(name, enough))
    refused(await unpacked(name, little), 'permanent', /unpacks to more than 1000000 bytes; leave out/)
    assert.deepEqual(await readdir(to), [], 'nothing was written')
    refused(
      await unpacked(name, { ...enough, entriesMax: 7 }),
      'permanent',
      /has 8 files, folders and links; at most 7/,
    )
  }
  refused(await unpacked('holes.tar', little), 'permanent', /unpacks to more than 1000000 bytes/)
  for (const name of ['broken.tar.gz', 'broken.tar.zst']) {
    await writeFile(join(folder, name), 'this is no archive')
    refused(await unpacked(name, enough), 'permanent', /cannot be decompressed: .*; make it again/)
  }
})

const CHANGES: readonly (readonly [string, (tree: string) => Promise<unknown>])[] = [
  ['a changed byte', (tree) => writeFile(join(tree, 'server.js'), 'console.log("hallo")')],
  ['an added file', (tree) => writeFile(join(tree, 'new'), '')],
  ['a removed file', (tree) => rm(join(tree, 'run.sh'))],
  ['a removed empty folder', (tree) => rm(join(tree, 'lib/empty'), { recursive: true })],
  ['an execute bit', (tree) => chmod(join(tree, 'server.js'), 0o744)],
  [
    'a link that points elsewhere',
    async (tree) => {
      await rm(join(tree, 'lib/link.js'))
      await symlink('../run.sh', join(tree, 'lib/link.js'))
    },
  ],
]

for (const [what, change] of CHANGES) {
  test(`[R-A04] ${what} is another digest`, async (t) => {
    const tree = await givenTree(await temporary(t))
    const before = value(await digestTree(tree))
    await change(tree)
    assert.notEqual(value(await digestTree(tree)), before)
  })
}

test('times, owners and other permission bits do not change a digest', async (t) => {
  const tree = await givenTree(await temporary(t))
  const before = value(await digestTree(tree))
  await chmod(join(tree, 'server.js'), 0o600)
  assert.equal(value(await digestTree(tree)), before)
})

test('refuses links that lead outside, pipes, and what is neither folder nor archive', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  await symlink('../../etc', join(tree, 'lib/out'))
  refused(await digestTree(tree), 'permanent', /link "lib\/out" leads outside, to "..\/..\/etc"/)
  await rm(join(tree, 'lib/out'))
  execFileSync('mkfifo', [join(tree, 'pipe')])
  refused(await digestTree(tree), 'permanent', /"pipe" is a device, socket or pipe/)
  refused(await digestTree(join(tree, 'server.js')), 'permanent', /neither a folder nor a \.tar/)
  refused(await digestTree(join(folder, 'none')), 'permanent', /ENOENT/)
})

const LINKS: readonly (readonly [string, Readonly<Record<string, string>>, RegExp | null])[] = [
  ['up from the top', { a: '..' }, /"a" leads outside/],
  ['past the top', { 'lib/a': '../../x' }, /"lib\/a" leads outside/],
  ['an absolute place', { a: '/etc/passwd' }, /"a" leads outside/],
  ['an absolute place within', { a: 'lib', 'lib/b': '/lib' }, /"lib\/b" leads outside/],
  ['through a link to "."', { d: '.', e: 'd/../outside' }, /"e" leads outside/],
  ['through a link to a folder', { d: 'lib/empty', e: 'd/../../../x' }, /"e" leads outside/],
  ['through a chain of links', { a: 'b', b: 'c', c: '.', e: 'a/./../x' }, /"e" leads outside/],
  ['from a folder that is reached by a link', { d: 'lib', 'lib/e': '../d/../../x' }, /"lib\/e" leads outside/],
  ['up behind what is not there', { a: 'none/../../x' }, /"a" leads outside/],
  ['to itself', { a: 'a' }, /"a" to "a" leads in a circle/],
  ['to each other', { a: 'b', b: 'a' }, /leads in a circle/],
  ['to itself through a folder', { a: 'lib/../a/x' }, /leads in a circle/],
  ['to "."', { a: '.', b: './././lib/../server.js' }, null],
  ['to nothing', { a: 'none', b: 'none/deep', c: 'lib/../none' }, null],
  ['up and down again', { 'lib/b': '../lib/../server.js', c: 'lib/b' }, null],
  ['to the top from below', { 'lib/up': '..', d: 'lib/up/server.js' }, null],
  ['with too many slashes', { a: 'lib//empty/', b: 'a//../../server.js' }, null],
]

for (const [what, links, message] of LINKS) {
  test(`${message === null ? 'keeps' : 'refuses'} a link ${what}`, async (t) => {
    const folder = await temporary(t)
    const tree = await givenTree(folder)
    for (const [path, target] of Object.entries(links)) await symlink(target, join(tree, path))
    const archive = join(folder, 'a.tar')
    execFileSync('tar', ['-cf', archive, '-C', tree, '.'])
    const store = createArtifactStore(join(folder, 'artifacts'))
    for (const ref of [tree, archive]) {
      const found = [await digestTree(ref), await store.takeOver(ref, SIGNAL)]
      for (const result of found) {
        if (message === null) value(result)
        else refused(result, 'permanent', message)
      }
    }
    if (message !== null) assert.deepEqual(await readdir(join(folder, 'artifacts')), [], 'nothing of it is kept')
  })
}

test('refuses archives with hard links that lead outside, and takes no rights over', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const archive = join(folder, 'a.tar')
  await link(join(tree, 'server.js'), join(tree, 'z.js'))
  execFileSync('tar', ['-cPf', archive, '--transform', 's,^server.js$,../../x,RS', '-C', tree, 'server.js', 'z.js'])
  refused(await digestTree(archive), 'permanent', /hard link .* leads outside/)
  await chmod(join(tree, 'run.sh'), 0o4755)
  execFileSync('tar', ['-cf', archive, '-C', tree, '.'])
  const store = createArtifactStore(join(folder, 'artifacts'))
  const digest = value(await store.takeOver(archive, SIGNAL))
  const [home = ''] = await readdir(join(folder, 'artifacts'))
  assert.equal((await stat(join(folder, 'artifacts', home, 'run.sh'))).mode & 0o7777, 0o500)
  assert.equal(value(await digestTree(tree)), digest)
})

test('refuses archives that write outside, hold devices, or are broken', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const archive = join(folder, 'bad.tar')
  execFileSync('tar', ['-cPf', archive, '--transform', 's,^,../,', '-C', tree, 'server.js'])
  refused(await digestTree(archive), 'permanent', /member "\.\.\/server\.js" would be written outside/)
  execFileSync('tar', ['-cPf', archive, join(tree, 'server.js')])
  refused(await digestTree(archive), 'permanent', /would be written outside/)
  execFileSync('mkfifo', [join(tree, 'pipe')])
  execFileSync('tar', ['-cf', archive, '-C', tree, 'pipe'])
  refused(await digestTree(archive), 'permanent', /neither file, folder nor link/)
  await writeFile(archive, 'this is no archive')
  refused(await digestTree(archive), 'permanent', /exit code 2.*tar archive/s)
})

test('takes a read-only copy, once, whatever happens to the original', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const digest = value(await digestTree(tree))
  const store = createArtifactStore(join(folder, 'artifacts'))
  const copy = value(await store.take(tree, digest, SIGNAL))
  assert.equal((await stat(join(copy, 'server.js'))).mode & 0o777, 0o400)
  await writeFile(join(tree, 'server.js'), 'overwritten by the next build')
  assert.equal(value(await store.take(tree, digest, SIGNAL)), copy)
  assert.equal(await readFile(join(copy, 'server.js'), 'utf8'), 'console.log("hello")')
  assert.deepEqual(await readdir(join(folder, 'artifacts')), [`sha256-${digest.slice(7)}`])
})

test('several takers at once end with one copy', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const digest = value(await digestTree(tree))
  const takers = Array.from({ length: 5 }, () =>
    createArtifactStore(join(folder, 'artifacts')).take(tree, digest, SIGNAL),
  )
  const copies = new Set((await Promise.all(takers)).map(value))
  assert.equal(copies.size, 1)
  assert.deepEqual(await readdir(join(folder, 'artifacts')), [`sha256-${digest.slice(7)}`])
})

test('[R-A04] refuses a tree that is not what was pinned, naming both digests, and keeps nothing of it', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const actual = value(await digestTree(tree))
  const expected = `sha256:${'0'.repeat(64)}`
  const result = await createArtifactStore(join(folder, 'artifacts')).take(tree, expected, SIGNAL)
  refused(result, 'permanent', new RegExp(`expected ${expected}, found ${actual}`))
  assert.deepEqual(await readdir(join(folder, 'artifacts')), [])
})

test('checks a copy out that can be written to', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const digest = value(await digestTree(tree))
  const store = createArtifactStore(join(folder, 'artifacts'))
  value(await store.take(tree, digest, SIGNAL))
  const work = join(folder, 'work')
  value(await store.checkout(digest, work))
  assert.equal(value(await digestTree(work)), digest)
  assert.equal((await stat(join(work, 'server.js'))).mode & 0o777, 0o600)
  assert.equal((await stat(join(work, 'run.sh'))).mode & 0o777, 0o700)
})

test('finds out when the stored copy was changed', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const digest = value(await digestTree(tree))
  const store = createArtifactStore(join(folder, 'artifacts'))
  const copy = value(await store.take(tree, digest, SIGNAL))
  await chmod(join(copy, 'server.js'), 0o644)
  await writeFile(join(copy, 'server.js'), 'tampered')
  refused(await store.checkout(digest, join(folder, 'work')), 'permanent', /is not what was pinned: expected/)
  await assert.rejects(stat(join(folder, 'work')), 'nothing is left to start from')
})

test('removes what a dead taker left, and nothing of a living one', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const artifacts = join(folder, 'artifacts')
  const dead = '.taking-00000000-0000-0000-0000-000000000000-1-another%20boot%2F7'
  await mkdir(join(artifacts, dead), { recursive: true })
  value(await createArtifactStore(artifacts).take(tree, value(await digestTree(tree)), SIGNAL))
  assert.ok(!(await readdir(artifacts)).includes(dead))
})

test('what was taken over can be used whatever becomes of the folder, and is kept once', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const store = createArtifactStore(join(folder, 'artifacts'))
  const first = value(await store.takeOver(tree, SIGNAL))
  assert.equal(value(await store.takeOver(tree, SIGNAL)), first)
  await writeFile(join(tree, 'server.js'), 'the next version')
  const second = value(await store.takeOver(tree, SIGNAL))
  assert.notEqual(second, first)
  await rm(tree, { recursive: true })
  for (const digest of [first, second]) {
    value(await store.take(tree, digest, SIGNAL))
    value(await store.checkout(digest, join(folder, digest)))
    assert.equal(value(await store.digestOf(tree, digest)), digest)
  }
  assert.equal((await readdir(join(folder, 'artifacts'))).length, 2)
  assert.equal((await stat(join(folder, 'artifacts'))).mode & 0o777, 0o700)
})

test('a kept copy that was damaged is found out, and mended by taking the content over again', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const store = createArtifactStore(join(folder, 'artifacts'))
  const digest = value(await store.takeOver(tree, SIGNAL))
  const kept = join(folder, 'artifacts', `sha256-${digest.slice(7)}`, 'server.js')
  await chmod(kept, 0o600)
  await writeFile(kept, 'bit rot')
  refused(await store.checkout(digest, join(folder, 'work')), 'permanent', /is not what was pinned.*pin it again/)
  assert.notEqual(value(await store.digestOf(tree, digest)), digest)
  assert.equal(value(await store.takeOver(tree, SIGNAL)), digest)
  value(await store.checkout(digest, join(folder, 'work')))
})

test('a reference pinned before content was taken over works while its folder is there; then it says what to do', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const digest = value(await digestTree(tree))
  const store = createArtifactStore(join(folder, 'artifacts'))
  assert.equal(value(await store.digestOf(tree, digest)), digest)
  await rm(tree, { recursive: true })
  refused(
    await store.take(tree, digest, SIGNAL),
    'permanent',
    /there no more, and its content .* is not kept in .*pin a build of the same commit again/,
  )
})

test('a full disk is said as that, may clear, and leaves nothing half done', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const full = join(folder, 'full')
  await mkdir(full)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'tmpfs', full], { stdio: 'ignore' })
  } catch {
    return t.skip('only root can mount a small disk')
  }
  try {
    await writeFile(join(tree, 'big'), 'x'.repeat(200_000))
    const result = await createArtifactStore(join(full, 'artifacts')).takeOver(tree, SIGNAL)
    refused(result, 'transient', /the disk is full; free some space \(ENOSPC/)
    assert.deepEqual(await readdir(join(full, 'artifacts')), [])
  } finally {
    execFileSync('umount', [full])
  }
})

test('refuses a folder that holds the data folder itself', async (t) => {
  const folder = await temporary(t)
  const tree = await givenTree(folder)
  const store = createArtifactStore(join(tree, '.stellwerk/artifacts'))
  refused(await store.takeOver(tree, SIGNAL), 'permanent', /holds the data folder of Stellwerk/)
})

test('refuses what holds no file, a folder as an archive, and keeps nothing of it', async (t) => {
  const folder = await temporary(t)
  const store = createArtifactStore(join(folder, 'store'))
  await mkdir(join(folder, 'dist/lib'), { recursive: true })
  execFileSync('tar', ['-cf', join(folder, 'dist.tar'), '-C', join(folder, 'dist'), '.'])
  for (const path of [join(folder, 'dist'), join(folder, 'dist.tar')]) {
    refused(
      await store.takeOver(path, SIGNAL),
      'permanent',
      /dist.*: there is no file in it; pin the folder or archive/,
    )
    refused(await digestTree(path), 'permanent', /there is no file in it/)
  }
  assert.deepEqual(await readdir(join(folder, 'store')), [])
})

test('names a bad reference and a bad digest', async (t) => {
  const store = createArtifactStore(await temporary(t))
  refused(
    await store.take('relative', `sha256:${'0'.repeat(64)}`, SIGNAL),
    'permanent',
    /"relative" is not an absolute path/,
  )
  refused(await store.take('/x', 'latest', SIGNAL), 'permanent', /digest "latest" is not/)
})
