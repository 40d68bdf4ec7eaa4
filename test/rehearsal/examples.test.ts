/** Every example's spec, rehearsed as a person does it: a good and a bad world, and the exit codes that a pipeline sees. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startCli } from '../../src/testing/cli-process.ts'

const EXAMPLES = ['lokaltreu', 'lifetimecircle', 'wimmelwelt']
const BAD = `
scenario: half of the answers fail, and nobody says what to expect
releases:
  - version: v2
    changes:
      - { from: { phase: holding, after: 1s }, errors: 50% }
`

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stellwerk-rehearse-'))
  await writeFile(join(folder, 'bad.yaml'), BAD)
})
after(() => rm(folder, { recursive: true, force: true }))

async function rehearse(example: string, scenario: string) {
  const cwd = fileURLToPath(new URL(`../../examples/${example}/`, import.meta.url))
  const args = ['rehearse', '-e', 'prod', '--scenario', scenario, '--data', join(folder, example)]
  return startCli(args, { cwd }).ended
}

describe('a rehearsal of prod', () => {
  for (const example of EXAMPLES) {
    it(`of ${example} ends with 0 where a good and a bad world go as expected, and with 5 where a release is taken back`, async () => {
      for (const [scenario, code] of [
        ['good', 0],
        ['bad', 0],
        [join(folder, 'bad.yaml'), 5],
      ] as const) {
        const run = await rehearse(example, scenario)
        assert.equal(run.code, code, `${scenario}: ${run.stdout}\n${run.stderr}`)
        assert.match(
          `${run.stdout}${run.stderr}`,
          scenario === 'good' ? /Finalized: users of prod are on v2/ : /Rolled back/,
        )
      }
    })
  }
})
