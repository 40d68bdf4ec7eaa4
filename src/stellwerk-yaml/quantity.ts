import { expected, sentenceOf } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import type { OwnUnit } from '../core/analysis/own/rule.ts'
import { Duration } from './duration.ts'
import { Percentage, Size } from './scalars.ts'

const TEXT = expected(say`a percentage, duration or size such as 5%, 400ms or 1GB`)
const EXPECTED = expected(say`${sentenceOf(TEXT)}, or a number`)

/** A value as it is written, beside the unit that it was written in: `"5%"` is 0.05 as a ratio, `"400ms"` 0.4 seconds. */
export type Quantity = { readonly value: number; readonly unit: 'number' | 'ratio' | 'seconds' | 'bytes' }

const SCHEMAS = [
  { schema: Percentage, unit: 'ratio', scale: 1 },
  { schema: Duration, unit: 'seconds', scale: 1e-3 },
  { schema: Size, unit: 'bytes', scale: 1 },
] as const

const Text = z.string(TEXT).transform((text, context): Quantity => {
  for (const { schema, unit, scale } of SCHEMAS) {
    const read = schema.safeParse(text)
    if (read.success) return { value: read.data * scale, unit }
  }
  context.issues.push({ code: 'custom', input: text, message: EXPECTED })
  return z.NEVER
})

export const Quantity = z
  .union([Text, z.number().transform((value): Quantity => ({ value, unit: 'number' }))])
  .meta({ id: 'Quantity', description: EXPECTED, unit: "the query's own" })

/** In the unit of what it is compared with, or null where that cannot be: a duration is no share. */
export function quantityIn(unit: OwnUnit, { value, unit: written }: Quantity): number | null {
  if (written === 'number') return value
  const factor = { ratio: { ratio: 1, percent: 100 }, seconds: { seconds: 1, milliseconds: 1000 }, bytes: { bytes: 1 } }
  const scales: Readonly<Partial<Record<OwnUnit, number>>> = factor[written]
  const scale = scales[unit]
  return scale === undefined ? null : value * scale
}
