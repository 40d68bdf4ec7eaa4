/** How a release stands to the policy in force for its environment, and what a spec changes of it. */
import type { Standing } from '../../core/policy/govern.ts'
import type { PolicyChange } from '../../core/plan.ts'
import type { Messages } from '../messages.ts'

/** One change per row, what is weaker first and marked. */
export function changeRows(changes: readonly PolicyChange[], text: Messages): readonly (readonly string[])[] {
  const { policy } = text
  const of = (direction: PolicyChange['direction'], mark: string, word: string) =>
    changes
      .filter((each) => each.direction === direction)
      .map((each) => [`${mark} ${word}: ${text.told(each.said, each.text)}`])
  return [...of('weaker', '!', policy.weaker), ...of('stronger', '+', policy.stronger)]
}

/** Null: nobody who holds policies was asked. */
export function standingRows(
  standing: Standing | null,
  environment: string,
  text: Messages,
): readonly (readonly string[])[] {
  switch (standing?.kind) {
    case 'same':
      return [[text.policy.same(environment)]]
    case 'first':
      return [[text.policy.first(environment, standing.by)]]
    case 'changed':
      return [[text.policy.changed(environment)], ...changeRows(standing.changes, text)]
    case 'refused':
      return [[text.policy.refused], ...changeRows(standing.changes, text), [text.told(standing.said, standing.why)]]
    case undefined:
      return []
  }
}
