/** What every adapter promises of itself, whatever its port (`src/adapters/kit.ts`): asked of each of the registry. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import { canonicalJson } from '../core/json.ts'
import type { AdapterOptions } from '../core/plan.ts'
import type { AdapterContext } from '../ports/adapter.ts'
import type { Description } from '../ports/description.ts'

export type Described = {
  readonly kind: string
  readonly options: z.ZodType
  readonly planned: z.ZodType
  describe(planned: AdapterOptions): Description
  create(planned: AdapterOptions, context: AdapterContext): Promise<unknown>
}

/** `written`: options as people may write them. `asPlanned`: what the compiler makes of what was read; itself when absent. */
export type AdapterSample = {
  readonly adapter: Described
  readonly written: Readonly<Record<string, unknown>>
  readonly asPlanned?: (read: AdapterOptions) => AdapterOptions
  readonly context: AdapterContext
}

export function adapterContract({ adapter, written, asPlanned = (read) => read, context }: AdapterSample): void {
  const read = () => asPlanned(adapter.options.parse({ kind: adapter.kind, ...written }) as AdapterOptions)

  describe(`the adapter contract: ${adapter.kind}`, () => {
    it('what a plan holds of its options is plain data that it reads again, whole', () => {
      const planned = JSON.parse(canonicalJson(read())) as AdapterOptions
      assert.deepEqual(JSON.parse(canonicalJson(adapter.planned.parse(planned))), planned)
    })

    it('refuses an option that it does not know, and another kind', () => {
      const { success } = adapter.options.safeParse({ kind: adapter.kind, ...written, noSuchOption: 1 })
      assert.equal(success, false, 'an unknown option is refused')
      assert.equal(adapter.options.safeParse({ ...written, kind: 'another' }).success, false)
    })

    it('describes itself before anything runs, the same every time', () => {
      const { hosts, secrets } = adapter.describe(read())
      assert.ok(hosts.every((host) => URL.canParse(`http://${host}`)))
      assert.ok(secrets.every(({ kind }) => typeof kind === 'string'))
      assert.deepEqual(adapter.describe(read()), adapter.describe(read()))
    })

    it('is made of what a plan holds, and says what it cannot read', async () => {
      assert.ok(await adapter.create(read(), context))
      const message = new RegExp(`"${adapter.kind}" of this plan cannot be read by this Stellwerk`)
      await assert.rejects(adapter.create({ kind: 'another' }, context), message)
    })
  })
}
