import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort, isFree, listensOn } from './ports.ts'

test('a port that is listened on is not free', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  assert.equal(await isFree(port), false)
  await new Promise((resolve) => server.close(resolve))
  assert.equal(await isFree(port), true)
})

test('what answers on a port belongs to the process that listens there', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  assert.equal(listensOn(port, [process.ppid, process.pid]), true)
  assert.equal(listensOn(port, [process.ppid]), false)
  assert.equal(listensOn(port, []), false)
})

test('no port is given out that another slot has promised to an instance, be it down at the moment', async (t) => {
  const slots = mkdtempSync(join(tmpdir(), 'stellwerk-ports-'))
  t.after(() => rmSync(slots, { recursive: true }))
  const folder = join(slots, 'shop/prod/api/blue')
  mkdirSync(folder, { recursive: true })
  const all = Array.from({ length: 60_000 }, (_, index) => ({ port: index }))
  writeFileSync(join(folder, 'slot.json'), JSON.stringify({ instances: all }))
  await assert.rejects(freePort(slots), /no free port found between \d+ and \d+ on 127\.0\.0\.1/)
})
