/** Every alarm there is, out of what the engine has recorded: nobody is looked at for it, so it may be asked often. */
import type { Alarm, PlacedAlarm } from '../core/alarm.ts'
import { unwellAlarms } from '../core/rollout/unwell.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import type { Health, Readiness } from './control-plane.ts'
import { environmentFacts } from './environment-row.ts'
import { alsoThere, isAt, notDrivenAlarms } from './not-driven.ts'
import { deadLetterAlarms } from './notifications.ts'
import { loaded, type Watched } from './status.ts'

/** An alarm of a service is no reason to be unready: people need the control plane most just then. */
export async function readinessOf(outside: Watched, health: () => Promise<Health>): Promise<Readiness> {
  const [{ ok, checks }, alarms] = await Promise.all([
    health(),
    alarmsOf(outside).catch((error: unknown) => (error instanceof Error ? error.message : String(error))),
  ])
  if (typeof alarms !== 'string') return { ok, checks, alarms }
  return { ok: false, checks: [...checks, { name: 'alarms', ok: false, detail: alarms }], alarms: [] }
}

async function alarmsOf(outside: Watched): Promise<readonly PlacedAlarm[]> {
  const own = outside.ownAlarm?.() ?? null
  const [rows, undelivered, stuck] = await Promise.all([
    outside.store.environments(),
    deadLetterAlarms(outside.store),
    notDrivenAlarms(outside),
  ])
  const placed = await Promise.all(
    rows.map(async (row) => {
      const { service, environment } = row
      const known = await recorded(outside, row)
      const alarms = [...known, ...alsoThere(stuck, row, known), ...undelivered(service, environment)]
      return alarms.map((alarm) => ({ service, environment, ...alarm }))
    }),
  )
  const homeless = stuck.filter((alarm) => !rows.some((row) => isAt(alarm, row)))
  return [...(own === null ? [] : [{ service: null, environment: null, ...own }]), ...placed.flat(), ...homeless]
}

async function recorded(outside: Watched, row: EnvironmentRow): Promise<readonly Alarm[]> {
  const { stable } = environmentFacts(row)
  const [held, stood] = await Promise.all([loaded(outside, row.holder), loaded(outside, stable?.rollout)])
  const stuck = [held.stuck, stood.stuck].filter((alarm) => alarm !== null)
  const shown = held.state ?? stood.state
  const unwell = stood.state === null ? [] : unwellAlarms(stood.state)
  return [...stuck, ...unwell, ...(shown === null ? [] : viewOf(shown, outside.clock.now()).alarms)]
}
