import type { LeftoverView } from '../views.ts'
import type { Leftover } from './leftovers.ts'
import { isFinal, type RolloutState } from './state.ts'

/** What is left over, for people: where it is, and what becomes of it. `state`: the release under way, or the one in force. */
export function leftoverView(left: Leftover, state: RolloutState): LeftoverView {
  const end = isFinal(state)
    ? 'it is ended as soon as no route names it'
    : `it is ended when ${state.id} deploys, or ends`
  const { component } = left
  if (left.kind === 'route') {
    return {
      component,
      slot: null,
      version: null,
      release: null,
      text: `${left.url} is answered for ${component}, which no release in force routes; ${end}`,
    }
  }
  const { slot, seen } = left
  const instances = seen.running === 1 ? 'one instance' : `${seen.running} instances`
  return {
    component,
    slot,
    version: seen.version,
    release: seen.release,
    text: `${component} ${seen.version ?? ''} (${instances} in ${slot}, of ${seen.release ?? 'nobody known'}) belongs to no release in force; ${end}`,
  }
}
