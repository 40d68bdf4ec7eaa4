/** Refusals that several methods of the control plane answer. */
import type { Refusal } from './control-plane.ts'

export function refusal(kind: Refusal['kind'], message: string): Refusal {
  return { ok: false, kind, message, problems: [] }
}

export function outOfReach(service: string, environment: string): Refusal {
  return refusal('not-allowed', `your token does not count for ${service} in ${environment}; ask for one that does`)
}

export function notFound(id: string): Refusal {
  return refusal('not-found', `there is no rollout "${id}"; "stellwerk list" shows them`)
}
