/** Every kind of stream that the engine runs. One that stands here is loaded, driven when it is due, and may be given inputs by others. */
import type { Aggregate } from '../core/aggregate.ts'
import { incidents } from '../core/incident/aggregate.ts'
import { rollouts } from '../core/rollout/aggregate.ts'

/** In the order in which a transaction locks them: what an event means is given to streams of later kinds. */
export const kinds: readonly Aggregate[] = [rollouts, incidents]
