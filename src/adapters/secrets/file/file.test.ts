import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { file } from './file.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { secretContract } from '../../../testing/secret-contract.ts'

const { signal } = new AbortController()

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-secret-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

async function readContent(context: TestContext, content: string | Uint8Array, mode = 0o600) {
  const path = join(await folderFor(context), 'secret')
  await writeFile(path, content)
  await chmod(path, mode)
  const warnings: string[] = []
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message) }
  const source = await file.create({ kind: 'file', path }, adapterContext({ log }))
  return { read: await source.read(signal), again: () => source.read(signal), warnings, path }
}

test('reads a file and cuts off the one line break at its end', async (context) => {
  for (const [content, value] of [
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['two\nlines\n\n', 'two\nlines\n'],
    [' spaces ', ' spaces '],
    ['', ''],
  ] as const) {
    const { read, warnings } = await readContent(context, content)
    assert.deepEqual(read, { ok: true, value })
    assert.deepEqual(warnings, [])
  }
})

test('warns once about a file that everybody may read, naming the path and never the value', async (context) => {
  const { read, again, warnings, path } = await readContent(context, 'hunter2', 0o644)
  assert.deepEqual(read, { ok: true, value: 'hunter2' })
  await again()
  assert.deepEqual(warnings, [`${path} can be read by everybody on this machine; run: chmod o-r ${path}`])
})

test('what is no file, no text or too large is a permanent failure that says which', async (context) => {
  const folder = await folderFor(context)
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const [path, message] of [
    [join(folder, 'nothing'), /does not exist/],
    [folder, /is not a file|is a folder/],
    [pipe, /is not a file/],
    [join(folder, 'a\0b'), /could not be read/],
  ] as const) {
    const read = await (await file.create({ kind: 'file', path }, adapterContext())).read(signal)
    assert.ok(!read.ok)
    assert.match(read.message, message)
  }
  for (const [content, message] of [
    ['x'.repeat(65_537), /has 65537 bytes; a secret has at most 65536/],
    [new Uint8Array([0xff, 0xfe, 0x00]), /is not text/],
    ['a\0b', /is not text/],
  ] as const) {
    const { read } = await readContent(context, content)
    assert.ok(!read.ok)
    assert.equal(read.kind, 'permanent')
    assert.match(read.message, message)
  }
})

test('a reference of another kind is refused', async () => {
  await assert.rejects(file.create({ kind: 'env', name: 'A' }, adapterContext()), /cannot be read by this Stellwerk: /)
})

adapterKeys({ port: 'secrets', kind: 'file', written: { path: 'a' }, keys: { path: ['b'] } })

adapterContract({
  adapter: file,
  written: { path: '/run/secrets/token' },
  context: adapterContext(),
})

secretContract({
  name: 'file',
  open: async (value) => {
    const folder = await mkdtemp(join(tmpdir(), 'stellwerk-secret-'))
    const path = join(folder, 'secret')
    if (value !== null) await writeFile(path, value, { mode: 0o600 })
    return {
      source: await file.create({ kind: 'file', path }, adapterContext()),
      change: (next) => writeFile(path, next),
      end: () => rm(folder, { recursive: true }),
    }
  },
})
