import { earliest, type Instant } from '../time.ts'
import { isPending, type RolloutState } from './state.ts'

/** When this rollout has to be driven next although nobody asks; null: only an input moves it. */
export function nextDue(state: RolloutState): Instant | null {
  const retiring = isPending(state, 'StopSlot') || isPending(state, 'Observe')
  const retire = state.status === 'finalized' && !state.windowClosed && !retiring ? state.retireAt : null
  const step = state.paused ? null : (state.step?.deadline ?? null)
  const commands = state.pending.map(({ deadline }) => deadline)
  return earliest(retire, step, state.paused?.deadline ?? null, ...commands)
}
