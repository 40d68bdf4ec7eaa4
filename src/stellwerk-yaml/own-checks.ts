/** An entry with `query` is exactly one rule, in one unit, of a query that can be asked. */
import { joined } from './expected.ts'
import { say, type Told } from '../core/say.ts'
import type { OwnMetric } from './own-metric.ts'
import { isPerSlot, queryProblem } from './own-query.ts'
import { quantities, unitOf } from './own-rules.ts'
import { type Quantity, quantityIn } from './quantity.ts'

type Message = { readonly message: Told; readonly suggestion?: Told }

export function ownProblem(entry: OwnMetric): Message | null {
  return queryProblem(entry.query) ?? kindProblem(entry) ?? unitProblem(entry)
}

function kindProblem(entry: OwnMetric): Message | null {
  const { max, min, trigger, silence } = entry
  const comparison = (['relativeTo', 'margin', 'slack', 'worse', 'for'] as const).filter(
    (key) => entry[key] !== undefined,
  )
  const isLimit = max !== undefined || min !== undefined || trigger !== undefined
  const kinds = [isLimit, comparison.length > 0, silence !== undefined].filter(Boolean).length
  const all = say`a limit (\`max\`, \`min\`, \`trigger\`), a comparison (\`relativeTo\`, \`margin\`, \`for\`) or \`silence\``
  if (kinds === 0) return { message: say`this entry limits nothing: expected ${all}` }
  if (kinds > 1) return { message: say`one entry is one rule: ${all}`, suggestion: say`write two entries` }
  return comparison.length > 0 ? comparisonProblem(entry) : null
}

function comparisonProblem(entry: OwnMetric): Message | null {
  const missing = (['relativeTo', 'margin', 'for'] as const).filter((key) => entry[key] === undefined)
  if (missing.length > 0) return { message: incomplete(missing) }
  if (entry.relativeTo !== 'live' || isPerSlot(entry.query)) return null
  return {
    message: say`\`relativeTo: live\` compares two slots, yet the query asks of none`,
    suggestion: say`narrow the query with \`$slot\`, such as {slot="$slot"}, or say \`relativeTo: before\``,
  }
}

/** What a comparison lacks, at least one of its three keys. */
export function incomplete(missing: readonly string[]): Told {
  const keys = joined(missing, (left, right) => say`${left} and ${right}`)
  const what = missing.length === 1 ? say`${keys} is missing` : say`${keys} are missing`
  return say`a comparison needs \`relativeTo\`, \`margin\` and \`for\`: ${what}`
}

const WRITTEN = { ratio: say`a percentage`, seconds: say`a duration`, bytes: say`a size`, number: say`a number` }

function unitProblem(entry: OwnMetric): Message | null {
  const unit = unitOf(entry)
  const wrong = quantities(entry).find((quantity) => quantityIn(unit, quantity) === null)
  if (wrong !== undefined) {
    return { message: say`the query answers ${unit}, which cannot be compared with ${WRITTEN[wrong.unit]}` }
  }
  return orderProblem(entry, (quantity) => (quantity === undefined ? null : quantityIn(unit, quantity)))
}

function orderProblem(entry: OwnMetric, read: (quantity: Quantity | undefined) => number | null): Message | null {
  const [max, min, above, below] = [entry.max, entry.min, entry.trigger?.above, entry.trigger?.below].map(read)
  if (max != null && above != null && above < max) {
    return {
      message: say`the trigger is below \`max\`: it would roll back what may advance`,
      suggestion: say`raise \`above\``,
    }
  }
  if (min != null && below != null && below > min) {
    return {
      message: say`the trigger is above \`min\`: it would roll back what may advance`,
      suggestion: say`lower \`below\``,
    }
  }
  return max != null && min != null && min > max
    ? { message: say`\`min\` is above \`max\`: nothing is within both` }
    : null
}
