/** Silence is a failure (R-E07): a candidate with traffic that logs nothing for `silenceMs` does not work as it should. */
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Question, type Said, windowOf } from './look.ts'
import type { SilenceRule } from './rules.ts'
import type { PlatformTally } from './state.ts'
import { count, timeSpan } from './text.ts'
import type { Pooled } from './window.ts'

export function judgeSilence(rule: SilenceRule, look: Look): Finding {
  const question = silenceQuestion(rule)
  const { pool } = windowOf(rule, look)
  const platform = pool?.span.platform
  if (look.component.newest?.knew.logLines !== true) {
    const text = 'log lines of the candidate are unknown: the platform could not tell when last asked'
    return finding(look, question, { outcome: 'no-evidence', words: () => ({ actual: 'no evidence', text }) })
  }
  if (pool == null || platform == null) {
    const text = 'log lines of the candidate are unknown: it had no traffic yet'
    return finding(look, question, { outcome: 'inconclusive', words: () => ({ actual: 'nothing yet', text }) })
  }
  return finding(look, question, heard(rule, pool, platform))
}

export function silenceQuestion({ id, silenceMs }: SilenceRule): Question {
  return { rule: id, expected: () => `a new line at least every ${formatDuration(silenceMs)}`, of: 'platform' }
}

function heard(rule: SilenceRule, pool: Pooled, platform: PlatformTally): Said {
  const { logLines } = platform
  const when = () => timeSpan(pool.span)
  const limit = () => formatDuration(rule.silenceMs)
  if (logLines > 0) {
    const lines = () => `${count(logLines)} new ${logLines === 1 ? 'line' : 'lines'}`
    const words = () => ({ actual: lines(), text: `the candidate logged ${lines()} (${when()})` })
    return { outcome: 'pass', words }
  }
  if (pool.complete && platform.logLinesMs >= pool.span.coveredMs) {
    const silent = () =>
      `the candidate logged nothing for ${limit()} (${when()}) while it had traffic: silence is a failure`
    const words = () => ({ actual: `silent for ${limit()}`, text: silent() })
    return { outcome: 'fail', triggered: true, words }
  }
  const words = () => {
    const observed = formatDuration(Math.min(pool.exposedMs, platform.logLinesMs))
    const text = `the candidate logged nothing yet (${when()}, observed for ${observed} of ${limit()})`
    return { actual: `silent for ${observed}`, text }
  }
  return { outcome: 'inconclusive', words }
}
