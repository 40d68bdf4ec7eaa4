/** Silence by a query (R-E07): `increase(log_lines_total[1m])` that stays 0 for the whole window. */
import { say } from '../../say.ts'
import { formatDuration } from '../../time.ts'
import { type Look, type Ruling, windowOf } from '../look.ts'
import { timeSpan } from '../text.ts'
import { notYet } from './limit.ts'
import type { OwnRule, OwnSilence } from './rule.ts'
import { looksText, ownText } from './text.ts'

export function judgeOwnSilence(rule: OwnRule, { silenceMs }: OwnSilence, look: Look): Ruling {
  const { pool } = windowOf(rule, look)
  const tally = pool?.span.own.candidate[rule.id]
  if (pool === null || tally === undefined) return notYet(rule)
  const { metric, unit } = rule
  const when = () => timeSpan(pool.span)
  const limit = () => formatDuration(silenceMs)
  if (tally.max > 0) {
    const heard = () => say`at most ${ownText(unit, tally.max)} (${looksText(tally.looks)})`
    const text = () => say`${metric} was ${heard()} in ${when()}, so there is no silence`
    return { outcome: 'pass', words: () => ({ actual: heard(), text: text() }) }
  }
  if (pool.complete && tally.knownMs >= pool.span.coveredMs) {
    const text = () => say`${metric} was never above 0 for ${limit()} (${when()}): silence is a failure`
    const words = () => ({ actual: say`silent for ${limit()}`, text: text() })
    return { outcome: 'fail', triggered: true, words }
  }
  const words = () => {
    const observed = formatDuration(Math.min(pool.exposedMs, tally.knownMs))
    const text = say`${metric} was not above 0 yet (${when()}, observed for ${observed} of ${limit()})`
    return { actual: say`silent for ${observed}`, text }
  }
  return { outcome: 'inconclusive', words }
}
