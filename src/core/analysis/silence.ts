/** Silence is a failure (R-E07): a candidate with traffic that logs nothing for `silenceMs` does not work as it should. */
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Said, windowOf } from './look.ts'
import type { SilenceRule } from './rules.ts'
import type { PlatformTally } from './state.ts'
import { count, timeSpan } from './text.ts'
import type { Pooled } from './window.ts'

export function judgeSilence(rule: SilenceRule, look: Look): Finding {
  const expected = silenceExpectation(rule)
  const { pool } = windowOf(rule, look)
  const platform = pool?.span.platform
  if (look.component.newest?.knew.logLines !== true) {
    const text = 'log lines of the candidate are unknown: the platform could not tell when last asked'
    return finding(look, rule.id, { outcome: 'no-evidence', expected, actual: 'no evidence', text }, 'platform')
  }
  if (pool == null || platform == null) {
    const text = 'log lines of the candidate are unknown: it had no traffic yet'
    return finding(look, rule.id, { outcome: 'inconclusive', expected, actual: 'nothing yet', text }, 'platform')
  }
  return finding(look, rule.id, { ...heard(rule, pool, platform), expected }, 'platform')
}

export function silenceExpectation({ silenceMs }: SilenceRule): string {
  return `a new line at least every ${formatDuration(silenceMs)}`
}

function heard(rule: SilenceRule, pool: Pooled, platform: PlatformTally): Omit<Said, 'expected'> {
  const { logLines } = platform
  const when = timeSpan(pool.span)
  if (logLines > 0) {
    const lines = `${count(logLines)} new ${logLines === 1 ? 'line' : 'lines'}`
    return { outcome: 'pass', actual: lines, text: `the candidate logged ${lines} (${when})` }
  }
  const limit = formatDuration(rule.silenceMs)
  if (pool.complete && platform.logLinesMs >= pool.span.coveredMs) {
    const text = `the candidate logged nothing for ${limit} (${when}) while it had traffic: silence is a failure`
    return { outcome: 'fail', actual: `silent for ${limit}`, text, triggered: true }
  }
  const observed = formatDuration(Math.min(pool.exposedMs, platform.logLinesMs))
  const text = `the candidate logged nothing yet (${when}, observed for ${observed} of ${limit})`
  return { outcome: 'inconclusive', actual: `silent for ${observed}`, text }
}
