/** What a spec is told that names no limit at all, and a limit to begin with. */
import { say, type Sentence } from '../../say.ts'
import { SEQUENTIAL_DEFAULTS } from '../sequential/options.ts'
import type { Step } from '../../plan.ts'
import { isComparison } from '../rules.ts'
import { percent } from '../text.ts'
import type { Foreseen } from './outlook.ts'
import { type ExpectedTraffic, exposuresOf } from './exposure.ts'
import { meansReaching } from './sight.ts'

/** A first release, and live in the watch after a rollback, have nothing beside them. */
export function onlyComparisons({ rules, steps, components }: Foreseen): readonly Sentence[] {
  if (rules.length === 0 || !rules.every(isComparison)) return []
  const known = components.flatMap(({ traffic }) => traffic ?? [])
  const max = suggestedMax(known, steps)
  const limit = max === null ? '…' : percent(max).replace(' ', '')
  const usual = known.length > 0 ? say`which healthy releases keep at this traffic` : say`a usual limit to begin with`
  return [
    say`every rule compares with live: a first release, and live in the watch after a rollback, are judged by nothing, so a person is asked; add \`{ metric: error-rate, max: ${limit} }\`, ${max === null ? say`with a limit that live's own errors keep` : usual}`,
  ]
}

/** A usual day is not every day. */
const ROOM = 2
const ROUND = [SEQUENTIAL_DEFAULTS.errors.limit, 0.05, 0.1, 0.2]

/** The least round limit that keeps no healthy release waiting at this traffic; null where live's own errors leave none. */
export function suggestedMax(traffic: readonly ExpectedTraffic[], steps: readonly Step[]): number | null {
  const isNear = (max: number, each: ExpectedTraffic) => max < ROOM * each.errorRate || delaysHealthy(max, each, steps)
  return ROUND.find((max) => !traffic.some((each) => isNear(max, each))) ?? null
}

/** A limit so near to what live does that the chance of one step keeps more than 5 of 100 healthy releases waiting. */
export function delaysHealthy(
  max: number,
  { requestsPerSecond, errorRate }: ExpectedTraffic,
  steps: readonly Step[],
): boolean {
  return exposuresOf(steps).some(({ weight, holdMs }) => {
    const requests = (requestsPerSecond * holdMs * weight) / 100_000
    return requests * errorRate > meansReaching(Math.floor(max * requests) + 1).seldom
  })
}
