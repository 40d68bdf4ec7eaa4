/** What every gate promises (`src/ports/gate.ts`): asked of each with a fact that is there, one that is wrong, and none. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AdapterContext } from '../ports/adapter.ts'
import type { AdapterOptions } from '../core/plan.ts'
import type { Gate, GateContext } from '../ports/gate.ts'
import { adapterContext } from './adapter-context.ts'

/** What makes the fact: of the adapter's context, of the question, of its options. */
export type Given = {
  readonly context?: Partial<AdapterContext>
  readonly asked?: Partial<GateContext>
  readonly options?: Readonly<Partial<AdapterOptions>>
}

export type GateSuite = {
  readonly name: string
  /** `changes`: what `Given` says of its options. */
  readonly create: (context: AdapterContext, changes: Readonly<Partial<AdapterOptions>>) => Promise<Gate>
  /** The question that `Given` changes. */
  readonly asked: GateContext
  readonly pass: Given
  readonly fail: Given
  /** The fact cannot be found out; a text: why that cannot be. */
  readonly unknown: Given | string
  /** A value that stands in no verdict, where the gate reads a secret. */
  readonly secret?: string
}

export function gateContract({ name, create, asked, secret, ...suite }: GateSuite): void {
  const check = async ({ context, asked: changes, options = {} }: Given) =>
    (await create(adapterContext(context), options)).check({ ...asked, ...changes })
  const outcomes = [
    ['passes on evidence', suite.pass, 'pass'],
    ['fails on a fact that is wrong', suite.fail, 'fail'],
    ['has no evidence where it cannot find out, and never passes by absence', suite.unknown, 'no-evidence'],
  ] as const

  describe(`the gate contract: ${name}`, () => {
    for (const [title, given, outcome] of outcomes) {
      it(title, async (t) => {
        if (typeof given === 'string') return t.skip(given)
        const verdict = await check(given)
        assert.equal(verdict.outcome, outcome, verdict.text)
        assert.deepEqual([verdict.rule, verdict.observedAt], [asked.gate.id, asked.now])
        for (const part of ['expected', 'actual', 'source', 'text'] as const)
          assert.ok(verdict[part].trim() !== '', `${part} is empty`)
        if (secret !== undefined) assert.ok(!JSON.stringify(verdict).includes(secret))
        assert.deepEqual(await check(given), verdict, 'asked twice, it says the same')
      })
    }
  })
}
