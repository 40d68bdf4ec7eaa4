import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { sizeText } from '../core/analysis/text.ts'

const EXPECTED = expected(say`a size such as 256MB or 1.5GB`)
const UNIT_BYTES = { kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/** `"256MB"` ⇄ 256,000,000 bytes; `KiB`, `MiB` and `GiB` count by 1024. */
export const Size = z
  .codec(z.string(EXPECTED).regex(/^\d{1,6}(\.\d{1,3})?(kB|MB|GB|KiB|MiB|GiB)$/, EXPECTED), z.number(), {
    decode: (text) => {
      const [, count, unit] = /^([\d.]+)(\w+)$/.exec(text) ?? []
      return Math.round(Number(count) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES])
    },
    encode: sizeText,
  })
  .meta({ id: 'Size', description: EXPECTED, unit: 'bytes' })
