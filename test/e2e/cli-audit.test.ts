import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { at, exported, FRESH, keyOf, LOG, OWN } from '../../src/store/audit/fixture.ts'
import { type CliWorld, startCliWorld } from '../../src/testing/cli-process.ts'

describe('[R-H01] audit verify holds an export against what its reader brings along', () => {
  let world: CliWorld
  const put = (name: string, text: string) => writeFile(join(world.folder, name), text)

  before(async () => {
    world = await startCliWorld()
    await put('log.ndjson', exported(LOG, [5, 12]).join('\n'))
    await put('cut.ndjson', exported(LOG.slice(0, 5), [5]).join('\n'))
    await put('forged.ndjson', exported(LOG, [12], FRESH).join('\n'))
    await put('stellwerk.key', `${keyOf(OWN)}\n`)
    await put('kept.txt', `Monday:\n${at(5)}\nTuesday:\n${at(12)}`)
    await put('empty.txt', 'nothing here\n')
  })
  after(() => world.stop())

  const verify = async (file: string, ...options: readonly string[]) => {
    const { code, stdout, stderr } = await world.cli(['audit', 'verify', '--file', file, ...options])
    return { code, said: stdout + stderr }
  }

  const asked: readonly (readonly [number, string, readonly string[], RegExp])[] = [
    [1, 'log.ndjson', [], /^NOT PROVEN: 12 events.*\n {2}not proven: who wrote it/],
    [0, 'log.ndjson', ['--trust-key-in-file'], /^intact.*not proven: who wrote it: whoever wrote the log/s],
    [0, 'log.ndjson', ['--key', keyOf(OWN)], /proven: events 1 to 12 are signed with the key given/],
    [0, 'log.ndjson', ['--key', 'stellwerk.key'], /not proven: that it ends at position 12/],
    [
      0,
      'log.ndjson',
      ['--checkpoint', 'kept.txt'],
      /proven: events 1 to 12 are those that the checkpoint kept elsewhere/,
    ],
    [0, 'log.ndjson', ['--key', 'stellwerk.key', '--checkpoint', at(12)], /^intact(?!.*not proven)/s],
    [0, 'log.ndjson', ['--checkpoint', at(5)], /not proven: that nothing came after position 5/],
    [
      1,
      'cut.ndjson',
      ['--key', 'stellwerk.key', '--checkpoint', 'kept.txt'],
      /^NOT INTACT.*counts more events than the 5/s,
    ],
    [1, 'cut.ndjson', ['--checkpoint', 'kept.txt', '--trust-key-in-file'], /^NOT INTACT/],
    [1, 'forged.ndjson', ['--key', 'stellwerk.key'], /^NOT INTACT.*signed by somebody else/s],
    [1, 'forged.ndjson', ['--checkpoint', 'kept.txt'], /^NOT INTACT.*not signed by/s],
    [1, 'stellwerk.key', ['--key', 'stellwerk.key'], /^NOT INTACT.*line 1 is not the header of an export/s],
    [2, 'log.ndjson', ['--checkpoint', 'empty.txt'], /there is no signed checkpoint in it/],
    [2, 'log.ndjson', ['--checkpoint', 'missing.txt'], /there is no file .*missing.txt/],
    [2, 'log.ndjson', ['--key', 'empty.txt'], /neither a verifier key .* nor a file that holds one/],
    [2, 'missing.ndjson', ['--key', 'stellwerk.key'], /there is no file .*missing.ndjson/],
  ]
  for (const [code, file, options, message] of asked) {
    const shown = options.map((option) => (option.includes('\n') || option.includes('+') ? '…' : option)).join(' ')
    it(`exit ${code}: --file ${file} ${shown}`, async () => {
      const found = await verify(file, ...options)
      assert.match(found.said, message)
      assert.equal(found.code, code)
    })
  }

  it('without --file, a key or a checkpoint has the log fetched and checked here', async () => {
    world.fake.exportAudit = async function* forged() {
      yield* exported(LOG, [12], FRESH)
    }
    const given = await world.cli(['audit', 'verify', '--key', 'stellwerk.key'])
    assert.equal(given.code, 1)
    assert.match(given.stdout, /^NOT INTACT: 12 events/)
    const alone = await world.cli(['audit', 'verify', '--trust-key-in-file'])
    assert.equal(alone.code, 2)
    assert.match(alone.stderr, /it is about a file, and none is named/)
  })

  it('audit checkpoint gives what to keep elsewhere', async () => {
    const note = await world.cli(['audit', 'checkpoint'])
    assert.deepEqual([note.code, note.stdout.startsWith('stellwerk/test\n1\n')], [0, true])
    const key = await world.cli(['audit', 'checkpoint', '--key'])
    assert.equal(key.stdout, 'stellwerk/test+00000000+AA==\n')
  })
})
