/** Goal: the chain of checkpoints is one chain, also where several control planes share its folder. Method: real files. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type Chain, CHAIN_FILE, linkLines, openChain } from './chain.ts'
import { checkpointText, signNote, verifierKey } from './note.ts'

const ORIGIN = 'stellwerk/test'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const KEY = verifierKey(ORIGIN, publicKey)
const MARKS = { sealedAfter: 0, acceptedUpTo: 0 }

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-chain-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function next(chain: Chain, size: number): string {
  const text = checkpointText({ origin: ORIGIN, size, root: Buffer.alloc(32, size) }, linkLines(chain.last(), MARKS))
  return signNote(text, ORIGIN, privateKey)
}

test('what another control plane of the folder appended is followed, not passed over', async (t) => {
  const folder = await folderOf(t)
  const [one, other] = [await openChain(folder, KEY), await openChain(folder, KEY)]
  await one.append(next(one, 1))
  await other.refresh()
  await other.append(next(other, 2))
  await one.refresh()
  await one.append(next(one, 3))
  const read = await openChain(folder, KEY)
  assert.equal(read.problem(), null)
  assert.deepEqual(
    read.links().map(({ size }) => size),
    [1, 2, 3],
  )
})

test('one who does not look again before appending breaks the chain, and that is found', async (t) => {
  const folder = await folderOf(t)
  const [one, other] = [await openChain(folder, KEY), await openChain(folder, KEY)]
  await one.append(next(one, 1))
  await one.append(next(one, 2))
  await other.append(next(other, 3))
  assert.match((await openChain(folder, KEY)).problem() ?? '', /checkpoint 3 does not follow the one before it/)
})

test('what somebody else wrote into the file is found at the next look', async (t) => {
  const folder = await folderOf(t)
  const chain = await openChain(folder, KEY)
  await chain.append(next(chain, 1))
  const forged = generateKeyPairSync('ed25519').privateKey
  const text = checkpointText({ origin: ORIGIN, size: 2, root: Buffer.alloc(32) }, linkLines(chain.last(), MARKS))
  await appendFile(join(folder, CHAIN_FILE), signNote(text, ORIGIN, forged))
  await chain.refresh()
  assert.match(chain.problem() ?? '', /checkpoint 2 is not ours/)
})
