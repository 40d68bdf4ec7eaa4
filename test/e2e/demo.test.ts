/** The first thing that anybody runs: `npm run demo`, as a process, to its end. */
import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { startCli } from '../../src/testing/cli-process.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stellwerk-demo-'))
  // PostgreSQL does not run as root, and has to get to its data.
  await chmod(folder, 0o711)
})
after(() => rm(folder, { recursive: true, force: true }))

it('[R-E03] [R-F03] [R-D08] the demo: a good release is finalized, a bad one found by comparison and taken back, no request lost', async () => {
  const { code, stdout, stderr } = await startCli(['demo'], { cwd: folder }).ended
  assert.equal(code, 0, `${stdout}\n${stderr}`)
  assert.match(stdout, /^v2\.0\.0 +finalized +100 %/m)
  assert.match(stdout, /^v3\.0\.0-5xx +rolled back +10 %/m)
  const why =
    /the candidate is worse beyond chance: .*\((\d+) of (\d+) requests\), live 0 % .*evidence for a rollback ([\d\s]+), 100 demand one/
  const [, errors = 0, requests = 0, evidence = 0] = (why.exec(stdout) ?? []).map((found) =>
    Number(found.replaceAll(/\s/g, '')),
  )
  assert.ok(errors > 0 && errors < requests && requests < 200, `${errors} of ${requests}\n${stdout}`)
  assert.ok(evidence >= 100, stdout)
  assert.match(stdout, /✓ no request was lost \(0 of \d{4}\)/)
  assert.doesNotMatch(stdout, /✗/)
  assert.deepEqual(await readdir(folder), [], 'it left something behind')
})
