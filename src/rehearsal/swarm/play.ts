import type { Store } from '../../ports/store.ts'
import { rehearse } from '../run.ts'
import { unlikeLog } from './beside-log.ts'
import { drawWorld } from './draw.ts'
import { brokenLaws } from './laws.ts'

export type WorldReport = {
  readonly seed: number
  /** What went against a law; empty: all was well. */
  readonly broken: readonly string[]
  /** How its releases ended: `finalized`, `rolled-back, aborted`. */
  readonly ends: string
  readonly events: number
  readonly requests: number
}

/** Plays the world of this seed. What an interlock refuses, and what never ends, comes out as broken like everything else. */
export async function playWorld(seed: number): Promise<WorldReport> {
  const drawn = drawWorld(seed)
  try {
    const unlike: string[] = []
    const atEnd = async (store: Store) => void unlike.push(...(await unlikeLog(store)))
    const played = await rehearse({ scenario: drawn.scenario, planned: drawn.planOf, atEnd })
    return {
      seed,
      broken: [...brokenLaws(drawn, played), ...unlike],
      ends: played.releases.map(({ view }) => view.phase).join(', '),
      events: played.events.length,
      requests: played.users.requests,
    }
  } catch (error) {
    const broken = [error instanceof Error ? error.message : String(error)]
    return { seed, broken, ends: 'none', events: 0, requests: 0 }
  }
}
