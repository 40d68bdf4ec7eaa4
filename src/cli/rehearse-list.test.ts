import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shippedNames } from '../rehearsal/scenario/shipped.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { runCli } from './run.ts'

async function run(argv: readonly string[]) {
  const io = fakeIo()
  return { code: await runCli(argv, io, {}), output: io.output() }
}

describe('rehearse --list', () => {
  it('names every shipped scenario with what it is about, and gives both to programs', async () => {
    const { code, output } = await run(['rehearse', '--list'])
    assert.equal(code, 0)
    assert.match(output, /^crash +an instance crashes under traffic$/m)
    const { output: json } = await run(['rehearse', '--list', '--json'])
    const scenarios = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; title: string })
    assert.deepEqual(
      scenarios.map(({ name }) => name),
      shippedNames(),
    )
    assert(scenarios.every(({ title }) => title.length > 0))
  })
})
