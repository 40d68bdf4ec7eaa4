/** Refusals that several methods of the control plane answer. */
import { english, say, type Told } from '../core/say.ts'
import type { Refusal } from './control-plane.ts'

export function refusal(kind: Refusal['kind'], said: Told, problems: Refusal['problems'] = []): Refusal {
  return { ok: false, kind, message: english(said), said, problems }
}

export function outOfReach(service: string, environment: string): Refusal {
  return refusal('not-allowed', say`your token does not count for ${service} in ${environment}; ask for one that does`)
}

export function notFound(id: string): Refusal {
  return refusal('not-found', say`there is no rollout "${id}"; "stellwerk list" shows them`)
}
