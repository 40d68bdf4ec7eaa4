/** One of the service's own numbers, judged. What could not be asked, or was no number, is no evidence (law L3). */
import { finding, type Finding, type Look, type Question, type Said } from '../look.ts'
import { judgeOwnComparison } from './comparison.ts'
import { judgeOwnLimit } from './limit.ts'
import type { OwnRule } from './rule.ts'
import { expectation } from './expectation.ts'
import { judgeOwnSilence } from './silence.ts'

export function judgeOwn(rule: OwnRule, look: Look): Finding {
  return finding(look, ownQuestion(rule), said(rule, look))
}

export function ownQuestion(rule: OwnRule): Question {
  return { rule: rule.id, expected: () => expectation(rule), of: 'queries' }
}

function said(rule: OwnRule, look: Look): Said {
  const unknown = unknownNow(rule, look)
  if (unknown !== null) {
    const text = `${rule.metric} is unknown: ${unknown}`
    return { outcome: 'no-evidence', words: () => ({ actual: 'no evidence', text }) }
  }
  switch (rule.demand.kind) {
    case 'limit':
      return judgeOwnLimit(rule, rule.demand, look)
    case 'relative':
      return judgeOwnComparison(rule, rule.demand, look)
    case 'silence':
      return judgeOwnSilence(rule, rule.demand, look)
  }
}

/** Why the newest look brought no number, or null. */
function unknownNow({ id }: OwnRule, { component: { newest } }: Look): string | null {
  if (newest === null) return 'there is no measurement yet'
  const said = newest.own[id]
  return said === undefined ? 'the metrics source answered nothing to its query' : said
}
