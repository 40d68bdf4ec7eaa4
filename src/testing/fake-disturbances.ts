/** What becomes of a release afterwards, of the control plane in memory: incidents, and messages that did not arrive. */
import { decide as decideIncident } from '../core/incident/decide.ts'
import { type IncidentState, type IncidentView, viewOf as incidentView } from '../core/incident/state.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import { english, say, type Told } from '../core/say.ts'
import { instant } from '../core/time.ts'
import type {
  Answer,
  DismissRequest,
  IncidentFilter,
  IncidentIntent,
  Refusal,
  ReplayRequest,
  TestedRoute,
  TestRequest,
} from '../engine/control-plane.ts'
import type { Delivery, DeliveryFilter } from '../ports/deliveries.ts'
import { type OnceKey, reaches, type TokenReach } from '../ports/identity.ts'

export class FakeDisturbances {
  readonly disturbances = new Map([['i-1', exampleIncident()]])
  /** Newest first. */
  delivered: readonly Delivery[] = []
  tested: readonly TestedRoute[] = []
  readonly testsAsked: TestRequest[] = []

  async incidents({ isOpen, limit, ...place }: IncidentFilter): Promise<readonly IncidentView[]> {
    const found = [...this.disturbances.values()].map(incidentView)
    return found
      .filter((each) => matches(each, place) && (isOpen ?? each.resolved === null) === (each.resolved === null))
      .slice(0, limit)
  }

  async incident(id: string): Promise<Answer<IncidentView>> {
    const state = this.disturbances.get(id)
    return state ? { ok: true, value: incidentView(state) } : noIncident(id)
  }

  async intendIncident(id: string, intent: IncidentIntent, by: Actor): Promise<Answer<IncidentView>> {
    const state = this.disturbances.get(id)
    if (!state) return noIncident(id)
    const decided = decideIncident(state, { ...intent, by }, instant(2000))
    this.disturbances.set(id, decided.state)
    const refused = decided.events.find((event) => event.type === 'RequestRefused')
    if (!refused) return { ok: true, value: incidentView(decided.state) }
    return { ok: false, kind: 'conflict', message: refused.data.reason, problems: [] }
  }

  async notifications({ state, limit, ...place }: DeliveryFilter): Promise<readonly Delivery[]> {
    const found = this.delivered.filter((each) => matches(each, place) && (state ?? each.state) === each.state)
    return found.slice(0, limit)
  }

  async replayNotifications(request: ReplayRequest, _?: OnceKey | null, reach?: TokenReach) {
    return this.#ofDead(request, reach, { state: 'waiting' })
  }

  async dismissNotifications(request: DismissRequest, { id }: Actor, _?: OnceKey | null, reach?: TokenReach) {
    return this.#ofDead(request, reach, { state: 'dismissed', dismissed: { by: id, reason: request.reason } })
  }

  async #ofDead(
    { ids, service, environment }: ReplayRequest,
    reach: TokenReach | undefined,
    to: Partial<Delivery>,
  ): Promise<Answer<readonly Delivery[]>> {
    const named = this.delivered.filter(({ id }) => ids?.includes(id))
    if (named.some((each) => reach !== undefined && !reaches(reach, each))) return NOT_REACHED
    for (const id of ids ?? []) {
      const refused = notDead(
        id,
        named.find((each) => each.id === id),
      )
      if (refused !== null) return refused
    }
    const dead = this.delivered.filter(({ state }) => state === 'dead')
    const place = { ...(service && { service }), ...(environment && { environment }) }
    const meant = ids === null ? dead.filter((each) => matches(each, place)) : dead.filter(({ id }) => ids.includes(id))
    const visible = meant.filter((each) => reach === undefined || reaches(reach, each))
    this.delivered = this.delivered.map((each) => (visible.includes(each) ? { ...each, ...to } : each))
    return { ok: true, value: visible.map((each) => ({ ...each, ...to })) }
  }

  async testNotifications(request: TestRequest, reach?: TokenReach): Promise<Answer<readonly TestedRoute[]>> {
    this.testsAsked.push(request)
    const place = { service: serviceOf(request.source.text), environment: request.environment }
    return reach === undefined || reaches(reach, place) ? { ok: true, value: this.tested } : NOT_REACHED
  }
}

function refusal(kind: Refusal['kind'], said: Told): Refusal {
  return { ok: false, kind, message: english(said), said, problems: [] }
}

function noIncident(id: string): Refusal {
  return refusal('not-found', say`there is no incident "${id}"; "stellwerk incident list" shows them`)
}

/** What the control plane says of a message that is no dead letter; null: it is one. */
function notDead(id: string, found: Delivery | undefined): Refusal | null {
  if (found === undefined)
    return refusal('not-found', say`there is no message "${id}"; "stellwerk notify list" shows them`)
  if (found.state === 'dead') return null
  return refusal('conflict', say`the message ${id} was delivered: only dead letters are sent again or dismissed`)
}

/** `i-1`, opened by r-1 of shop in prod. */
function exampleIncident(): IncidentState {
  const place = { rollout: 'r-1', service: 'shop', environment: 'prod', version: 'v2' }
  const opening = { id: 'i-1', ...place, priority: 'P2', title: 'error rate of the candidate was 12 %' } as const
  return decideIncident(null, { type: 'open', ...opening }, instant(1000)).state
}

const NOT_REACHED: Refusal = { ok: false, kind: 'not-allowed', message: 'out of reach', problems: [] }

export function serviceOf(text: string): string {
  return /^service: *(?<name>\S+)/m.exec(text)?.groups?.['name'] ?? 'shop'
}

export function matches(
  { service, environment }: { service: string; environment: string },
  wanted: { service?: string; environment?: string },
): boolean {
  return (wanted.service ?? service) === service && (wanted.environment ?? environment) === environment
}
