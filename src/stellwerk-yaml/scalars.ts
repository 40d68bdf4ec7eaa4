/** Shares and sizes as people write them, and as the number that they are. */
import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { sizeText } from '../core/analysis/text.ts'

const RATIO = expected(say`a percentage such as 10% or 0.5%`)
const WEIGHT = expected(say`a whole percentage from 1% to 100%`)
const SIZE = expected(say`a size such as 256MB or 1.5GB`)
const UNIT_BYTES = { kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/** `"10%"` ⇄ the ratio 0.1. May be above 100 %: a margin of 200 % is "three times as much". */
export const Percentage = z
  .codec(z.string(RATIO).regex(/^\d{1,6}(\.\d{1,6})?%$/, RATIO), z.number(), {
    decode: (text) => Number(`${text.slice(0, -1)}e-2`),
    encode: percentageText,
  })
  .meta({ id: 'Percentage', description: RATIO, unit: '%' })

/** Share of traffic for the candidate, `"10%"` ⇄ 10: weights are integers that sum to 100. */
export const Weight = z
  .codec(z.string(WEIGHT).regex(/^([1-9]\d?|100)%$/, WEIGHT), z.number(), {
    decode: (text) => Number(text.slice(0, -1)),
    encode: (weight) => `${weight}%`,
  })
  .meta({ id: 'Weight', description: WEIGHT, unit: '% of the traffic' })

/** `0.005` → `"0.5%"`. */
export function percentageText(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))}%`
}

/** `"256MB"` ⇄ 256,000,000 bytes; `KiB`, `MiB` and `GiB` count by 1024. */
export const Size = z
  .codec(z.string(SIZE).regex(/^\d{1,6}(\.\d{1,3})?(kB|MB|GB|KiB|MiB|GiB)$/, SIZE), z.number(), {
    decode: (text) => {
      const [, count, unit] = /^([\d.]+)(\w+)$/.exec(text) ?? []
      return Math.round(Number(count) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES])
    },
    encode: sizeText,
  })
  .meta({ id: 'Size', description: SIZE, unit: 'bytes' })
