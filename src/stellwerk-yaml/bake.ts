/**
 * `rollout.bake`: how long the whole must stay good before it is final, and who stays on live meanwhile. A control share
 * keeps live beside the candidate to the end: what both suffer from is told from what the candidate brought, which its past
 * alone cannot do where a rate wanders (analysis §2.10).
 */
import { say } from '../core/say.ts'
import { z } from 'zod'
import { Duration } from './duration.ts'
import { expected } from './expected.ts'

const CONTROL = expected(say`a whole percentage from 1% to 50%`)

/** Share of traffic that stays on live, `"5%"` ⇄ 5. */
const ControlShare = z
  .codec(z.string(CONTROL).regex(/^([1-9]|[1-4]\d|50)%$/, CONTROL), z.number(), {
    decode: (text) => Number(text.slice(0, -1)),
    encode: (share) => `${share}%`,
  })
  .meta({ id: 'ControlShare', description: CONTROL, unit: '% of the traffic' })

const Controlled = z.strictObject({
  for: Duration.prefault('30m').meta({
    description: 'How long the last share must stay good.',
    source: 'R-D11',
  }),
  control: ControlShare.optional().meta({
    description:
      'Stays on live until the bake ends, so that the candidate is compared with it to the end; then the shift to 100% is made, observed, smoke-tested and held for a minute. Absent: the bake is at 100%.',
    source: 'R-D11',
  }),
})

/** `30m` is short for `{ for: 30m }`. */
export const Bake = z
  .union([Duration.transform((ms) => ({ for: ms, control: undefined })), Controlled])
  .prefault('30m')
  .meta({ description: 'How long the candidate must stay good before it is final.', source: 'R-D11' })

/** The shares that are watched, in percent: below the last one each is held, the last one bakes. */
export function watchedShares(steps: readonly number[], { control = 0 }: z.output<typeof Bake>): readonly number[] {
  return control === 0 ? steps : [...steps.slice(0, -1), 100 - control]
}
