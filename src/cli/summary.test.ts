import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { say } from '../core/say.ts'
import { instant } from '../core/time.ts'
import { exampleRollout } from '../testing/example-rollout.ts'
import { messagesIn } from '../text/languages.ts'
import { summaryOf } from './summary.ts'

const view = {
  ...exampleRollout('lokaltreu-prod-1'),
  phase: 'rolled-back',
  run: 'https://ci.example.com/runs/1_(2)',
} as const
const HOSTILE = 'api | <img src=x> [click](https://evil) `code`\n# title'

describe('a summary for the page of a CI run', () => {
  it('says what, where, how it stands, who asked and where the run is', () => {
    const text = summaryOf(view, messagesIn('en'))
    assert.match(text, /^### shop v2\.0\.0 → prod\n/)
    assert.match(text, /\| State \| \*\*rolled back\*\* \|/)
    assert.match(text, /\[CI run\]\(https:\/\/ci\.example\.com\/runs\/1_%282%29\)/)
  })

  it('in German', () => {
    assert.match(summaryOf(view, messagesIn('de')), /\| Stand \| \*\*[^*]+\*\* \|/)
  })

  it('shows each verdict in a line of its own, and lets nothing that a service said become a table, link or image', () => {
    const verdict = {
      rule: 'errors',
      outcome: 'fail',
      expected: '',
      actual: '',
      source: '',
      observedAt: instant(0),
      text: HOSTILE,
      said: say`${HOSTILE}`,
    } as const
    const lines = summaryOf({ ...view, verdicts: [verdict] }, messagesIn('en')).split('\n')
    const line = lines.find((each) => each.startsWith('| ❌')) ?? ''
    assert.equal(line.split(/(?<!\\)\|/).length, 5, line)
    assert.match(line, /\\<img src=x\\> \\\[click\\\]\(https:\/\/evil\) \\`code\\` \\# title/)
  })
})
