import { say } from '../../../core/say.ts'
import { z } from 'zod'
import type { Verdict } from '../../../core/verdict.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { GateContext } from '../../../ports/gate.ts'
import { gate } from '../../kit.ts'
import { verdict } from '../verdict.ts'

const options = z
  .strictObject({
    kind: z.literal('stable-release').meta({
      description: 'The release to return to is known, the very first one excepted.',
      source: 'R-A06',
    }),
  })
  .meta({ description: 'N-1 is known.' })

const DIGEST = /^sha256:[0-9a-f]{64}$/
const EXPECTED = 'the last stable release (N-1), pinned, or none because this is the first release'
const SOURCE = 'the audit log of this environment'

/** No release without a known one to return to; the very first one has none and may start (R-A06). */
export const stableRelease = gate({
  kind: 'stable-release',
  options,
  planned: options,
  describe: () => NOTHING_OUTSIDE,
  create: () => ({ check: async (asked) => check(asked) }),
})

function check(context: GateContext): Verdict {
  const { plan, stable } = context
  const place = say`${plan.service} in ${plan.environment}`
  if (stable === null) {
    const said = say`This is the first release of ${place}: there is nothing to return to, a rollback removes it.`
    return verdict(context, { outcome: 'pass', expected: EXPECTED, actual: say`first release`, source: SOURCE, said })
  }
  const isPinned = stable.version !== '' && DIGEST.test(stable.digest)
  const actual = say`${stable.version || say`(no version)`} at ${stable.digest || say`(no digest)`}`
  const said = isPinned
    ? say`A rollback of ${place} returns to ${stable.version}.`
    : say`The previous release of ${place} is recorded without a pinned digest (${actual}): a rollback could not prove what it returns to.`
  return verdict(context, { outcome: isPinned ? 'pass' : 'fail', expected: EXPECTED, actual, source: SOURCE, said })
}
