/** Asks one life of an instance how it is: often until it is ready first, once a second from then on. */
import { groupMembers, signalGroup } from '../../command/process-group.ts'
import { listensOn } from './ports.ts'
import { PROBE_LIMIT_MS, type Probed, probe } from './probe.ts'
import type { SlotRecord } from './record.ts'
import { delay } from '../../../timers.ts'

export type HealthWatch = {
  readonly group: number
  readonly port: number
  readonly health: SlotRecord['health']
  /** An instance that was alive and then answers no liveness probe for this long is killed. */
  readonly hungAfterMs: number
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** A line for whoever reads the instance's log. */
  note(text: string): void
  /** Takes secrets out of what it answers, before that is shortened. */
  redact(text: string): string
  /** `why`: what stands against being ready, null when it is; `failed`: it is not ready after it was. */
  probed(why: string | null, failed: boolean): void
}

const FIRST_MS = 50
const STARTING_MS = 100
const READY_MS = 1000

export async function watchHealth(watch: HealthWatch): Promise<void> {
  let wasReady = false
  let liveAt = Number.POSITIVE_INFINITY
  let strangers = 0
  for (let pause = FIRST_MS; await slept(pause, watch.signal); pause = wasReady ? READY_MS : STARTING_MS) {
    const answer = await probe(watch.port, watch.health, { ...watch, limitMs: PROBE_LIMIT_MS })
    if (watch.signal.aborted) return
    const stranger: boolean = !wasReady && answer.live && !isOwn(watch)
    if (stranger && strangers++ === 0) watch.note(strangerOn(watch.port).why)
    const told: Probed = stranger ? strangerOn(watch.port) : answer
    watch.probed(told.why, wasReady && !told.ready)
    wasReady ||= told.ready
    if (told.live) liveAt = performance.now()
    else if (performance.now() - liveAt > watch.hungAfterMs) killHung(watch)
  }
}

function strangerOn(port: number): Probed & { why: string } {
  return { live: false, ready: false, why: `port ${port} is answered by a process that is not of this instance` }
}

/** An answer counts only when it comes from the instance's own processes, not from who took the port before it could. */
function isOwn({ port, group }: HealthWatch): boolean {
  // The leader mostly listens itself, and who else is of the group is dear to find out.
  return (listensOn(port, [group]) || listensOn(port, groupMembers(group))) ?? true
}

function killHung({ group, health, hungAfterMs, note }: HealthWatch): void {
  note(`answered no ${health.live} for ${hungAfterMs / 1000} s: killed, to be started again`)
  signalGroup(group, 'SIGKILL')
}

async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false)
}
