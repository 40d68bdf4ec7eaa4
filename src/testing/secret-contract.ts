/** What every source of secrets promises (`src/ports/secrets.ts`). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SecretSource } from '../ports/secrets.ts'

export type SecretSuite = {
  readonly name: string
  /** A source whose secret is this text, or is not there. `change` gives it another value. */
  readonly open: (value: string | null) => Promise<{
    readonly source: SecretSource
    readonly change: (value: string) => Promise<void>
    readonly end: () => Promise<void>
  }>
}

const { signal } = new AbortController()

export function secretContract({ name, open }: SecretSuite): void {
  describe(`the contract of a secret source: ${name}`, () => {
    it('reads the value as it is, empty ones and odd characters as well', async () => {
      for (const value of ['hunter2', '', ' spaces ', 'two\nlines', 'a"b\\c\'$d', 'schlüssel-€']) {
        const { source, end } = await open(value)
        assert.deepEqual(await source.read(signal), { ok: true, value })
        await end()
      }
    })

    it('reads it anew every time: a secret may be rotated', async () => {
      const { source, change, end } = await open('before')
      assert.deepEqual(await source.read(signal), { ok: true, value: 'before' })
      await change('after')
      assert.deepEqual(await source.read(signal), { ok: true, value: 'after' })
      await end()
    })

    it('one that is not there is a permanent failure', async () => {
      const { source, end } = await open(null)
      const read = await source.read(signal)
      assert.ok(!read.ok)
      assert.equal(read.kind, 'permanent')
      await end()
    })
  })
}
