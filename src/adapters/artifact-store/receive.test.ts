import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { english } from '../../core/say.ts'
import type { ContentAnswer, Contents, KeptContent } from '../../ports/contents.ts'
import { ContentReader } from './content-reader.ts'
import { type Manifest, manifestOf, manifestText, readManifest } from './manifest.ts'
import { createContents, type ReceiveOptions } from './receive.ts'
import { digestTree } from './store.ts'
import { readTree } from './tree.ts'

const DAY_MS = 86_400_000
/** SHA-256 of no bytes. */
const EMPTY = createHash('sha256').digest('hex')

type Stage = {
  readonly store: string
  readonly tree: string
  readonly manifest: Manifest
  /** All bytes of the tree's files. */
  readonly bytes: Uint8Array
  readonly open: (options?: Partial<ReceiveOptions>) => Contents
  readonly recorded: KeptContent[]
}

async function stage(context: TestContext): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-receive-'))
  context.after(() => {
    execFileSync('chmod', ['-R', 'u+w', folder])
    execFileSync('rm', ['-rf', folder])
  })
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'lib/empty'), { recursive: true })
  await writeFile(join(tree, 'server.js'), 'x'.repeat(3000))
  await writeFile(join(tree, 'lib/ü b.txt'), 'y'.repeat(700))
  await writeFile(join(tree, 'nothing'), '')
  await writeFile(join(tree, 'run.sh'), '#!/bin/sh', { mode: 0o755 })
  await symlink('../server.js', join(tree, 'lib/link.js'))
  const read = await readTree(tree)
  assert.ok(read.ok)
  const reader = new ContentReader(tree, read.value)
  const bytes = Uint8Array.from(await reader.read(0, read.value.bytes))
  await reader.close()
  const store = join(folder, 'artifacts')
  const open = (options: Partial<ReceiveOptions> = {}) => {
    const contents = createContents({ folder: store, bytesMax: 1e6, keepFreeBytes: 0, now: Date.now, ...options })
    context.after(() => contents.close())
    return contents
  }
  return { store, tree, manifest: read.value, bytes, open, recorded: [] }
}

async function* inPieces(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

function begin({ manifest, recorded }: Stage, contents: Contents): Promise<ContentAnswer> {
  const announced = inPieces(manifestText(manifest))
  return contents.begin(manifest.digest, announced, async (kept) => void recorded.push(kept))
}

function append({ manifest, recorded }: Stage, contents: Contents, offset: number, bytes: AsyncIterable<Uint8Array>) {
  return contents.append(manifest.digest, { offset, bytes }, async (kept) => void recorded.push(kept))
}

function refused(answer: ContentAnswer, kind: string, message: RegExp): void {
  assert.ok(!answer.ok, 'must be refused')
  assert.equal(answer.kind, kind)
  assert.match(english(answer.said), message)
}

function received(answer: ContentAnswer): number {
  assert.ok(answer.ok, answer.ok ? '' : english(answer.said))
  return answer.value.receivedBytes
}

/** The tree as it is kept, with nothing left beside it. */
async function assertKept({ store, manifest, recorded }: Stage, contents: Contents): Promise<void> {
  const home = `sha256-${manifest.digest.slice(7)}`
  assert.deepEqual(await readdir(store), [home])
  const found = await digestTree(join(store, home))
  assert.ok(found.ok)
  assert.equal(found.value, manifest.digest)
  assert.equal((await contents.state(manifest.digest)).state, 'kept')
  assert.deepEqual(recorded, [{ digest: manifest.digest, bytes: manifest.bytes, files: 4 }])
}

test('[R-A04] takes a tree in and keeps it as the content of its digest, once and logged once', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  assert.equal((await contents.state(there.manifest.digest)).state, 'absent')
  assert.equal(received(await begin(there, contents)), 0)
  assert.ok((await append(there, contents, 0, inPieces(there.bytes))).ok)
  await assertKept(there, contents)
  const again = { ...there, recorded: [] }
  for (const answer of [await begin(again, contents), await append(again, contents, 0, inPieces('anything'))])
    assert.ok(answer.ok && answer.value.state === 'kept')
  await assertKept(there, contents)
})

for (const restarts of [false, true]) {
  test(`cut at every tenth of its length it goes on there${restarts ? ', by a control plane that was killed and came back' : ''}`, async (t) => {
    const there = await stage(t)
    let contents = there.open()
    received(await begin(there, contents))
    const tenth = Math.ceil(there.bytes.length / 10)
    for (let from = 0; from < there.bytes.length; from += tenth) {
      assert.equal((await contents.state(there.manifest.digest)).receivedBytes, from)
      const cut = async function* () {
        yield there.bytes.subarray(from, Math.min(from + tenth, there.bytes.length))
        throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
      }
      await append(there, contents, from, cut())
      if (restarts) contents = there.open()
    }
    await assertKept(there, contents)
  })
}

test('what a power cut took of earlier files is found out before the end, and asked for again', async (t) => {
  const there = await stage(t)
  received(await begin(there, there.open()))
  received(await append(there, there.open(), 0, inPieces(there.bytes.subarray(0, -1))))
  const [tree = ''] = (await readdir(there.store)).filter((name) => !name.endsWith('.manifest'))
  await writeFile(join(there.store, tree, 'lib/ü b.txt'), 'z'.repeat(700))
  const contents = there.open()
  refused(
    await append(there, contents, there.bytes.length - 1, inPieces(there.bytes.subarray(-1))),
    'conflict',
    /lib\/ü b\.txt did not outlive .* go on from byte 0/,
  )
  assert.ok((await append(there, contents, 0, inPieces(there.bytes))).ok)
  await assertKept(there, contents)
})

test('refuses what is not what was announced, names the file, and takes it right the next time', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  received(await begin(there, contents))
  const wrong = Buffer.from(there.bytes)
  wrong[800]! ^= 1
  refused(
    await append(there, contents, 0, inPieces(wrong)),
    'invalid',
    /what came as (run\.sh|server\.js) is not .*expected sha256:/,
  )
  const { receivedBytes } = await contents.state(there.manifest.digest)
  assert.ok(receivedBytes >= 700, 'what was right stays')
  refused(await append(there, contents, 0, inPieces(there.bytes)), 'conflict', /goes on at byte \d+, not at 0/)
  const rest = Buffer.concat([there.bytes.subarray(receivedBytes), Buffer.from('and more')])
  refused(await append(there, contents, receivedBytes, inPieces(rest)), 'invalid', /more came than the \d+ bytes/)
  const answer = await append(there, contents, there.bytes.length, inPieces())
  assert.ok(answer.ok, 'all of it is there')
  await assertKept(there, contents)
})

test('two at once: one sends, the other hears of it; with a wrong place nothing is written', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  refused(await append(there, contents, 0, inPieces(there.bytes)), 'conflict', /its manifest comes first/)
  received(await begin(there, contents))
  const gate = Promise.withResolvers<void>()
  const slow = async function* () {
    yield there.bytes.subarray(0, 100)
    await gate.promise
    yield there.bytes.subarray(100)
  }
  const first = append(there, contents, 0, slow())
  refused(await append(there, contents, 0, inPieces(there.bytes)), 'conflict', /from somebody else now/)
  gate.resolve()
  assert.ok((await first).ok)
  await assertKept(there, contents)
})

test('refuses what is too large for it or for its disk before a byte of it comes', async (t) => {
  const there = await stage(t)
  const { bytes } = there.manifest
  refused(await begin(there, there.open({ bytesMax: bytes - 1 })), 'too-large', /takes at most .* --artifact-limit/)
  refused(await begin(there, there.open({ entriesMax: 3 })), 'invalid', /has 7 files, folders and links; at most 3/)
  refused(await begin(there, there.open({ keepFreeBytes: 2 ** 60 })), 'unavailable', /disk .* has room for 0/)
  received(await begin(there, there.open({ bytesMax: bytes, entriesMax: 7 })))
})

test('room that others have taken since is looked for before every part: the log has to be written', async (t) => {
  const there = await stage(t)
  received(await begin(there, there.open()))
  const crowded = there.open({ keepFreeBytes: 2 ** 60 })
  refused(await append(there, crowded, 0, inPieces(there.bytes)), 'unavailable', /disk .* has room for 0/)
  assert.ok((await append(there, there.open(), 0, inPieces(there.bytes))).ok)
})

test('what is kept already is announced by its manifest, not by its digest, and who announces it is logged', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  received(await begin(there, contents))
  assert.ok((await append(there, contents, 0, inPieces(there.bytes))).ok)
  const other = { ...there, recorded: [] }
  const guessed = await contents.begin(there.manifest.digest, inPieces('["a","folder","",0]\n'), async () => {
    assert.fail('nobody has shown anything')
  })
  refused(guessed, 'invalid', /the manifest is not that of sha256:/)
  const announced = await begin(other, contents)
  assert.ok(announced.ok && announced.value.state === 'kept')
  assert.deepEqual(other.recorded, there.recorded)
  assert.equal(other.recorded.length, 1)
})

test('a content without a file is refused before anything of it is laid out', async (t) => {
  const there = await stage(t)
  const manifest = manifestOf([{ path: 'a', kind: 'folder', target: '', content: '', size: 0 }])
  refused(await begin({ ...there, manifest }, there.open()), 'invalid', /there is no file in it/)
  await assert.rejects(readdir(there.store), /ENOENT/)
})

test('manifests that come at once share a limit; when one has ended, the next is taken', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  const piece = Buffer.alloc(2 ** 22)
  const gate = Promise.withResolvers<void>()
  const full = Promise.withResolvers<void>()
  let sent = 0
  async function* slow(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 16; count += 1) yield piece
    sent += 1
    if (sent === 2) full.resolve()
    await gate.promise
  }
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`
  const none = async (): Promise<void> => undefined
  const both = ['1', '2'].map((digit) => contents.begin(digest(digit), slow(), none))
  await full.promise
  refused(await begin(there, contents), 'conflict', /too many contents are announced here at once/)
  gate.resolve()
  for (const answer of await Promise.all(both)) refused(answer, 'invalid', /manifest cannot be laid out/)
  received(await begin(there, contents))
})

test('contents that come and end at once do not get in the way of each other', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  const folder = (path: string) => ({ path, kind: 'folder', target: '', content: '', size: 0 }) as const
  const empty = (path: string) => ({ path, kind: 'file', target: '', content: EMPTY, size: 0 }) as const
  const none = async (): Promise<void> => undefined
  const handOver = async (name: string): Promise<void> => {
    const manifest = manifestOf([folder('a'), folder('b'), empty(name)])
    received(await contents.begin(manifest.digest, inPieces(manifestText(manifest)), none))
    const answer = await contents.append(manifest.digest, { offset: 0, bytes: inPieces() }, none)
    assert.ok(answer.ok && answer.value.state === 'kept')
  }
  const pipelines = Array.from({ length: 8 }, async (_, pipeline) => {
    for (let build = 0; build < 10; build += 1) await handOver(`c${pipeline}-${build}`)
  })
  await Promise.all(pipelines)
  assert.equal((await readdir(there.store)).length, 80)
})

test('links that were made to keep the control plane busy are not followed to their end', () => {
  const target = Array.from({ length: 2000 }, () => 'a').join('/')
  const names = Array.from({ length: 6000 }, (_, index) => String(index).padStart(4, '0'))
  const text = names.map((path) => `${JSON.stringify([path, 'link', target, 0])}\n`).join('')
  const read = readManifest(text, { entriesMax: 6000, bytesMax: 0 })
  assert.ok(!read.ok)
  assert.match(read.message, /its links lead through more than 10000000 folders and links/)
})

test('a full disk is said as that; what had come stays, and goes on when there is room', async (t) => {
  const there = await stage(t)
  await mkdir(there.store)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=755', 'tmpfs', there.store], { stdio: 'ignore' })
  } catch {
    return t.skip('only root can mount a small disk')
  }
  try {
    await writeFile(join(there.tree, 'big'), Buffer.alloc(60_000, 7))
    const read = await readTree(there.tree)
    assert.ok(read.ok)
    const grown = { ...there, manifest: read.value }
    const contents = there.open({ keepFreeBytes: -(2 ** 40) })
    received(await begin(grown, contents))
    const reader = new ContentReader(there.tree, read.value)
    const all = Buffer.from(await reader.read(0, read.value.bytes))
    await reader.close()
    refused(await append(grown, contents, 0, inPieces(all)), 'unavailable', /disk of the control plane is full.*ENOSPC/)
    execFileSync('mount', ['-o', 'remount,size=1m', there.store])
    const { receivedBytes } = await contents.state(read.value.digest)
    assert.ok((await append(grown, contents, receivedBytes, inPieces(all.subarray(receivedBytes)))).ok)
    assert.equal((await contents.state(read.value.digest)).state, 'kept')
  } finally {
    execFileSync('umount', [there.store])
  }
})

test('content that cannot be logged is not there; with the next try it is', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  received(await begin(there, contents))
  const away = async () => Promise.reject(new Error('the database is away'))
  const part = { offset: 0, bytes: inPieces(there.bytes) }
  await assert.rejects(contents.append(there.manifest.digest, part, away), /database is away/)
  assert.equal(await contents.isKept(there.manifest.digest), false)
  assert.ok((await append(there, contents, there.bytes.length, inPieces())).ok)
  await assertKept(there, contents)
})

test('what nobody goes on with for a day is removed when the next content comes', async (t) => {
  const there = await stage(t)
  received(await begin(there, there.open()))
  await writeFile(join(there.tree, 'server.js'), 'the next version')
  const next = await readTree(there.tree)
  assert.ok(next.ok)
  const later = there.open({ now: () => Date.now() + DAY_MS })
  received(await begin({ ...there, manifest: next.value }, later))
  const names = await readdir(there.store)
  assert.ok(
    names.every((name) => name.includes(next.value.digest.slice(7))),
    names.join(' '),
  )
  assert.equal((await later.state(there.manifest.digest)).state, 'absent')
})

test('content that was found damaged is taken again', async (t) => {
  const there = await stage(t)
  const contents = there.open()
  received(await begin(there, contents))
  assert.ok((await append(there, contents, 0, inPieces(there.bytes))).ok)
  const home = join(there.store, `sha256-${there.manifest.digest.slice(7)}`)
  await chmod(join(home, 'server.js'), 0o600)
  await truncate(join(home, 'server.js'), 1)
  await writeFile(`${home}.damaged`, '')
  assert.equal(await contents.isKept(there.manifest.digest), false)
  received(await begin(there, contents))
  assert.ok((await append(there, contents, 0, inPieces(there.bytes))).ok)
  assert.equal((await readFile(join(home, 'server.js'))).length, 3000)
})

const HASH = 'a'.repeat(64)
const BAD: readonly (readonly [string, readonly unknown[], RegExp])[] = [
  ['a path that leads out', [['../x', 'file', HASH, 1]], /"\.\.\/x" is no path within the tree/],
  [
    'a path that leads out deep inside',
    [
      ['a', 'folder', '', 0],
      ['a/../../x', 'file', HASH, 1],
    ],
    /no path within/,
  ],
  ['an absolute path', [['/etc/passwd', 'file', HASH, 1]], /no path within/],
  [
    'a path with nothing between slashes',
    [
      ['a', 'folder', '', 0],
      ['a//b', 'file', HASH, 1],
    ],
    /no path within/,
  ],
  ['a NUL in a path', [['a\0b', 'file', HASH, 1]], /no path within/],
  ['a name that no file system keeps', [['x'.repeat(256), 'file', HASH, 1]], /no path within/],
  [
    'a file in a file',
    [
      ['a', 'file', HASH, 1],
      ['a/b', 'file', HASH, 1],
    ],
    /lies in a folder that it does not name/,
  ],
  [
    'a file in a link',
    [
      ['a', 'link', '/etc', 0],
      ['a/b', 'file', HASH, 1],
    ],
    /lies in a folder that it does not name/,
  ],
  [
    'a path twice',
    [
      ['a', 'file', HASH, 1],
      ['a', 'file', HASH, 1],
    ],
    /paths are sorted, each once/,
  ],
  [
    'paths in another order',
    [
      ['b', 'file', HASH, 1],
      ['a', 'file', HASH, 1],
    ],
    /paths are sorted/,
  ],
  ['a link that leads out', [['a', 'link', '../x', 0]], /"a" leads outside/],
  ['an absolute link', [['a', 'link', '/etc', 0]], /"a" leads outside/],
  ['a device', [['a', 'device', '', 0]], /is not \[path, kind, content, size\]/],
  ['a size below nothing', [['a', 'file', HASH, -1]], /is not \[path/],
  ['a file without a hash', [['a', 'file', 'x', 1]], /has no SHA-256/],
  ['a folder with bytes', [['a', 'folder', '', 1]], /is a folder and has no bytes/],
  [
    'too many bytes together',
    [
      ['a', 'file', HASH, 999],
      ['b', 'file', HASH, 2],
    ],
    /has 1001 bytes; at most 1000/,
  ],
]

for (const [what, lines, message] of BAD) {
  test(`refuses a manifest with ${what}`, () => {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const read = readManifest(text, { entriesMax: 10, bytesMax: 1000 })
    assert.ok(!read.ok)
    assert.match(read.message, message)
  })
}

test('a manifest that was read is the one that was written', async (t) => {
  const { manifest } = await stage(t)
  const read = readManifest(manifestText(manifest), { entriesMax: 7, bytesMax: manifest.bytes })
  assert.deepEqual(read, { ok: true, value: manifest })
  const empty = manifestOf([])
  assert.deepEqual(readManifest(manifestText(empty), { entriesMax: 0, bytesMax: 0 }), { ok: true, value: empty })
})
