/** One of the service's own numbers, judged. What could not be asked, or was no number, is no evidence (law L3). */
import { quote, say, type Told } from '../../say.ts'
import { finding, type Finding, type Look, type Question, type Ruling } from '../look.ts'
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

function said(rule: OwnRule, look: Look): Ruling {
  const unknown = unknownNow(rule, look)
  if (unknown !== null) {
    const text = say`${rule.metric} is unknown: ${unknown}`
    return { outcome: 'no-evidence', words: () => ({ actual: say`no evidence`, text }) }
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
function unknownNow({ id }: OwnRule, { component: { newest } }: Look): Told | null {
  if (newest === null) return say`there is no measurement yet`
  const said = newest.own[id]
  return said === undefined ? say`the metrics source answered nothing to its query` : said === null ? null : quote(said)
}
