import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LogFile } from './log-file.ts'

function given(context: TestContext, limits = { maxBytes: 1000, files: 3 }) {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-log-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const reports: string[] = []
  const path = join(folder, 'a.log')
  return { folder, path, reports, log: new LogFile(path, limits, (message) => reports.push(message)) }
}

test('rotates by size and keeps as many files as asked for', async (t) => {
  const { folder, path, log } = given(t)
  for (let line = 0; line < 100; line += 1) {
    log.write(`${String(line).padStart(3, '0')} ${'x'.repeat(95)}`)
    await log.close()
  }
  assert.deepEqual(readdirSync(folder).sort(), ['a.log', 'a.log.1', 'a.log.2'])
  for (const name of readdirSync(folder)) assert.ok(statSync(join(folder, name)).size <= 1000, name)
  assert.match(readFileSync(path, 'utf8'), /099 x+\n$/)
  assert.match(readFileSync(`${path}.1`, 'utf8'), /089 x+\n$/)
})

test('goes on where an earlier writer has stopped', async (t) => {
  const { path, log } = given(t)
  log.write('one')
  await log.close()
  log.write('two')
  await log.close()
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n')
})

test('a full disk drops lines, counts them, and says so at its begin and its end', async (t) => {
  const { path, log, reports } = given(t)
  symlinkSync('/dev/full', path)
  for (const line of ['one', 'two', 'three']) {
    log.write(line)
    await log.close()
  }
  assert.equal(reports.length, 1)
  assert.match(reports[0]!, /a\.log cannot be written \(ENOSPC.*\); lines are dropped/)
  rmSync(path)
  log.write('four')
  await log.close()
  assert.match(reports[1]!, /a\.log can be written again; 3 lines were dropped/)
  assert.equal(readFileSync(path, 'utf8'), 'four\n')
})

test('a disk that is too slow costs lines, not memory', async (t) => {
  const { path, log, reports } = given(t, { maxBytes: 100_000_000, files: 2 })
  for (let line = 0; line < 30; line += 1) log.write('x'.repeat(100_000))
  await log.close()
  log.write('after')
  await log.close()
  assert.ok(statSync(path).size < 1_300_000, String(statSync(path).size))
  assert.match(reports.join(), /can be written again; \d+ lines were dropped/)
})
