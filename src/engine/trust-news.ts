/**
 * The log is no longer trusted, or trusted again: told in every environment, to whom its plan says. Where a release is under way
 * it hears of it, since it is held; else the one that serves. What they were told stands in their logs, so a restart tells nobody
 * twice.
 */
import { rollouts } from '../core/rollout/aggregate.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { lockedEnvironment } from './environment.ts'
import { environmentFacts } from './environment-row.ts'
import type { Running } from './running.ts'
import { load } from './streams.ts'

const ALONE = 'here'

/** Called again and again: it does something only after a change, until everybody heard of that. */
export function trustNews(running: Running): () => Promise<void> {
  let heard: string | null | undefined
  return async () => {
    const why = running.store.doubts()
    if (why === heard) return
    const rows = await running.store.environments()
    const given = await Promise.all(rows.map((row) => tellOne(running, row, why)))
    if (given.every(Boolean)) heard = why
  }
}

/** False: it has to be tried again. One that cannot be told holds up nobody else. */
async function tellOne(running: Running, row: EnvironmentRow, why: string | null): Promise<boolean> {
  const { store, host, log, give } = running
  const own = host?.ids[0] ?? ALONE
  try {
    const state = await load(rollouts, store, await rolloutIn(running, row))
    const isKnown = (state?.doubtedBy ?? []).includes(own)
    if (state && isKnown !== (why !== null)) await give(rollouts, state.id, { type: 'log-trust', host: own, why })
    return true
  } catch (error) {
    const { service, environment } = row
    log.error('people could not be told whether the log is trusted', { service, environment, error: String(error) })
    return false
  }
}

/** What a row says that nobody of us wrote is made again from the log first. */
async function rolloutIn({ store }: Running, row: EnvironmentRow): Promise<string | null> {
  const { service, environment } = row
  const known = row.doubted ? await store.transact((tx) => lockedEnvironment(tx, service, environment)) : row
  return known.holder ?? environmentFacts(known).stable?.rollout ?? null
}
