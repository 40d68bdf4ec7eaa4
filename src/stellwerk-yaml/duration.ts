import { expected, sentenceOf } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { durationText } from '../core/time.ts'

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const EXPECTED = expected(say`a duration with its unit, such as 30s, 5m or 1h30m`)
const POSITIVE = expected(say`${sentenceOf(EXPECTED)}, above 0s`)
const TOO_LONG = expected(say`a duration of at most 3650d`)
/** Ten years: far above any wait that means something, far below where sums of milliseconds lose precision. */
const MAX_MS = 3650 * UNIT_MS.d

/** Text with units ⇄ milliseconds: `"1h30m"` is 5,400,000. Units from large to small, each at most once. */
export const Duration = z
  .codec(z.string(EXPECTED).regex(/^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/, EXPECTED), z.number(), {
    decode: (text, context) => {
      const ms = durationMs(text)
      if (ms > MAX_MS) context.issues.push({ code: 'custom', input: text, message: TOO_LONG })
      return ms
    },
    encode: durationText,
  })
  .meta({ id: 'Duration', description: EXPECTED, unit: 'time' })

/** A duration above zero: what a deadline has to be (law L6). */
export const Deadline = z
  .codec(Duration, z.number(), {
    decode: (ms, context) => {
      if (ms <= 0) context.issues.push({ code: 'custom', input: ms, message: POSITIVE })
      return ms
    },
    encode: (ms) => ms,
  })
  .meta({ id: 'Deadline', description: POSITIVE, unit: 'time' })

function durationMs(text: string): number {
  const parts = text.matchAll(/(\d+)(ms|[smhd])/g)
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS], 0)
}
