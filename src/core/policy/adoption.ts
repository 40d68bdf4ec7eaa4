/** When a release has the consents it needs, what its spec proposes becomes the policy held. */
import type { Adoption, StreamEvent } from '../aggregate.ts'
import type { RolloutState } from '../rollout/state.ts'
import { hasConsent } from './govern.ts'
import { policyOf } from './policy.ts'

/** `cause`: the event by which it got them. */
export function adoption(
  before: RolloutState | null,
  state: RolloutState,
  cause: StreamEvent | undefined,
): Adoption | null {
  const { plan } = state
  if (cause === undefined || plan.policy?.held === undefined) return null
  if (!hasConsent(state) || state.status !== 'running' || (before !== null && hasConsent(before))) return null
  const isFirst = plan.policy.held === null
  if (!isFirst && plan.policy.changes.length === 0) return null
  const { service, environment } = plan
  const { actor: id, token } = cause
  return {
    type: 'adopt-policy',
    set: {
      service,
      environment,
      policy: policyOf(plan),
      by: state.requestedBy,
      how: isFirst ? 'adopted' : 'changed',
      rollout: state.id,
      note: consentsOf(state),
      changes: plan.policy.changes,
    },
    by: token === undefined ? { id } : { id, token },
  }
}

function consentsOf({ approvals }: RolloutState): string {
  const given = Object.entries(approvals).map(([id, { by }]) => `${by} (${id})`)
  return given.length === 0 ? 'nobody had to consent' : `with the consent of ${given.join(', ')}`
}
