/** Silence is a failure (R-E07): a candidate with traffic that logs nothing for `silenceMs` does not work as it should. */
import { say } from '../say.ts'
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Question, type Ruling, windowOf } from './look.ts'
import type { SilenceRule } from './rules.ts'
import type { PlatformTally } from './state.ts'
import { count, timeSpan } from './text.ts'
import type { Pooled } from './window.ts'

export function judgeSilence(rule: SilenceRule, look: Look): Finding {
  const question = silenceQuestion(rule)
  const { pool } = windowOf(rule, look)
  const platform = pool?.span.platform
  if (look.component.newest?.knew.logLines !== true) {
    const text = say`log lines of the candidate are unknown: the platform could not tell when last asked`
    return finding(look, question, { outcome: 'no-evidence', words: () => ({ actual: say`no evidence`, text }) })
  }
  if (pool == null || platform == null) {
    const text = say`log lines of the candidate are unknown: it had no traffic yet`
    return finding(look, question, { outcome: 'inconclusive', words: () => ({ actual: say`nothing yet`, text }) })
  }
  return finding(look, question, heard(rule, pool, platform))
}

export function silenceQuestion({ id, silenceMs }: SilenceRule): Question {
  return { rule: id, expected: () => say`a new line at least every ${formatDuration(silenceMs)}`, of: 'platform' }
}

function heard(rule: SilenceRule, pool: Pooled, platform: PlatformTally): Ruling {
  const { logLines } = platform
  const when = () => timeSpan(pool.span)
  const limit = () => formatDuration(rule.silenceMs)
  if (logLines > 0) {
    const lines = () => (logLines === 1 ? say`1 new line` : say`${count(logLines)} new lines`)
    const words = () => ({ actual: lines(), text: say`the candidate logged ${lines()} (${when()})` })
    return { outcome: 'pass', words }
  }
  if (pool.complete && platform.logLinesMs >= pool.span.coveredMs) {
    const silent = () =>
      say`the candidate logged nothing for ${limit()} (${when()}) while it had traffic: silence is a failure`
    const words = () => ({ actual: say`silent for ${limit()}`, text: silent() })
    return { outcome: 'fail', triggered: true, words }
  }
  const words = () => {
    const observed = formatDuration(Math.min(pool.exposedMs, platform.logLinesMs))
    const text = say`the candidate logged nothing yet (${when()}, observed for ${observed} of ${limit()})`
    return { actual: say`silent for ${observed}`, text }
  }
  return { outcome: 'inconclusive', words }
}
