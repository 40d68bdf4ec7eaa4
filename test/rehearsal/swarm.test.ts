/** Random worlds from the commit's hash, and proof that the swarm finds what is planted. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { playWorld } from '../../src/rehearsal/swarm/play.ts'
import { commitSeed, failureText, simulate } from '../../tools/simulate.ts'
import { ROOT } from '../../tools/tool.ts'
import type { Mutant } from '../model/mutant.ts'
import { mutants } from '../model/mutants.ts'

const WORLDS = 60
const CPU_LIMIT_MS = 12_000

describe('a swarm of random worlds', () => {
  it('breaks no law, and everything in it ends once the trouble is over', async (test) => {
    const from = process.cpuUsage().user
    const spent = () => (process.cpuUsage().user - from) / 1000
    const swarm = await simulate(commitSeed(), WORLDS, () => spent() > CPU_LIMIT_MS)
    assert.deepEqual(swarm.failed.map(failureText), [])
    const ends = [...swarm.ends].map(([end, count]) => `${end} ${count}`).join(', ')
    test.diagnostic(`${swarm.worlds} worlds from seed ${commitSeed()}: ${ends}`)
    assert.ok(swarm.worlds >= 5)
  })

  it('is the same again from the same seed', async () => {
    assert.deepEqual(await playWorld(7), await playWorld(7))
  })

  it('knows releases that are finalized, aborted and rolled back', async () => {
    const { ends, failed } = await simulate(1, 30)
    assert.deepEqual(failed.map(failureText), [])
    for (const end of ['finalized', 'aborted', 'rolled-back']) assert.ok(ends.get(end), `no release was ${end}`)
  })

  it('starts from a fixed seed outside of a repository', () => {
    assert.equal(commitSeed(tmpdir()), 20_261_121)
  })
})

/** A copy of the sources with this mistake in it, in a folder of its own. */
function planted({ edits }: Mutant): string {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-swarm-'))
  for (const part of ['src', 'tools', 'package.json']) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const { file, find, replace } of edits) {
    const path = join(folder, 'src/core', file)
    const source = readFileSync(path, 'utf8')
    assert.equal(source.split(find).length, 2, `${file} must hold exactly once: ${find}`)
    writeFileSync(
      path,
      source.replace(find, () => replace),
    )
  }
  return folder
}

function run(folder: string, args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/simulate.ts', ...args], { cwd: folder }, (error, stdout) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout })
    })
  })
}

describe('a mistake in the decider', () => {
  const found = [
    ['a rollback opens no incident', 100, 6, /its rollback opened no incident/],
    ['the previous release is stopped at once', 107, 1, /blue stays until the window closes/],
    // To find no end one has to play up to the limit: in this world that is a third of what it is in others.
    ['a question nobody answers is asked again for ever', 117, 1, /no end within the time/],
    ["the candidate's worker starts before live's was seen gone", 69, 1, /took jobs beside each other/],
  ] as const
  for (const [name, seed, worlds, said] of found) {
    it(`is found by the swarm: ${name}`, async () => {
      const output = await failing(name, ['--worlds', String(worlds), '--seed', String(seed)])
      assert.match(output, said)
      assert.match(output, /again: npm run simulate -- --seed \d+ --worlds 1/)
    })
  }

  it('is found again by the command that was printed', async () => {
    const [name, seed, worlds, said] = found[0]
    const first = await failing(name, ['--worlds', String(worlds), '--seed', String(seed)])
    const again = /npm run simulate -- (--seed \d+ --worlds 1)/.exec(first)
    assert.ok(again, first)
    const output = await failing(name, again[1]!.split(' '))
    assert.match(output, said)
    assert.match(output, /: 1 broke a law/)
  })
})

/** What the swarm prints when this mistake is planted; its exit code has to be 1. */
async function failing(name: string, args: readonly string[]): Promise<string> {
  const mutant = mutants.find((each) => each.name === name)
  assert.ok(mutant, `there is no mutant "${name}"`)
  const folder = planted(mutant)
  try {
    const { code, output } = await run(folder, args)
    assert.equal(code, 1, output)
    return output
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
