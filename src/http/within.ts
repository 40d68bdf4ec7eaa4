/**
 * The control plane as far as a token reaches: what concerns another service or environment is refused, or not in the list.
 * Routes get it from here and from nowhere else, so that none of them has to think of it.
 */
import { english, say } from '../core/say.ts'
import type { Answer, ControlPlane, Refusal } from '../engine/control-plane.ts'
import { type Identity, includesScope, reaches, type TokenReach } from '../ports/identity.ts'

/** Rollouts, or messages, looked through for a token that does not see all of them. */
const LOOKED_THROUGH = 500

export type Within = Pick<
  ControlPlane,
  | 'plan'
  | 'request'
  | 'intend'
  | 'rollout'
  | 'rolloutPlan'
  | 'rollouts'
  | 'status'
  | 'events'
  | 'logs'
  | 'policies'
  | 'policyHistory'
  | 'proposePolicy'
  | 'setPolicy'
  | 'recordRehearsal'
  | 'pin'
  | 'pinned'
  | 'recordContent'
  | 'wasHandedOver'
  | 'rehearsals'
  | 'incidents'
  | 'incident'
  | 'intendIncident'
  | 'notifications'
  | 'replayNotifications'
  | 'dismissNotifications'
  | 'testNotifications'
>

/** Content is kept once for all, and counts for the services it was handed over for. */
type HandsOver = { readonly mayHandOver: (service: string) => Answer<null> }

export function within(controlPlane: ControlPlane, { reach, scopes }: Identity): Within & HandsOver {
  const terms = { maySetPolicy: includesScope(scopes, 'policy'), reach }
  return {
    plan: (request) => controlPlane.plan(request, terms),
    request: (request, by, once, asked) => controlPlane.request(request, by, once, { ...asked, ...terms }),
    ...rolloutsWithin(controlPlane, reach),
    ...listsWithin(controlPlane, reach),
    ...policiesWithin(controlPlane, reach),
    ...rehearsalsWithin(controlPlane, reach),
    ...incidentsWithin(controlPlane, reach),
    ...artifactsWithin(controlPlane, reach),
    ...notificationsWithin(controlPlane, reach),
  }
}

type OfRollouts = Pick<Within, 'intend' | 'rollout' | 'rolloutPlan' | 'logs' | 'events'>

function rolloutsWithin(controlPlane: ControlPlane, reach: TokenReach): OfRollouts {
  const rollout: Within['rollout'] = async (id) => {
    const found = await controlPlane.rollout(id)
    return !found.ok || reaches(reach, found.value) ? found : outside(found.value)
  }
  const ofRollout = async <T>(id: string, then: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    const found = await rollout(id)
    return found.ok ? then() : found
  }
  return {
    intend: (id, intent, by, once) => ofRollout(id, () => controlPlane.intend(id, intent, by, once)),
    rollout,
    rolloutPlan: (id) => ofRollout(id, () => controlPlane.rolloutPlan(id)),
    logs: (filter) => ofRollout(filter.rollout, () => controlPlane.logs(filter)),
    events: async (filter) => {
      const visible = filter.rollout === undefined ? isEverywhere(reach) : (await rollout(filter.rollout)).ok
      return visible ? controlPlane.events(filter) : []
    },
  }
}

function listsWithin(controlPlane: ControlPlane, reach: TokenReach): Pick<Within, 'rollouts' | 'status'> {
  const may = (at: Place) => reaches(reach, at)
  return {
    rollouts: async (filter) => {
      if (isEverywhere(reach)) return controlPlane.rollouts(filter)
      const all = await controlPlane.rollouts({ ...filter, limit: LOOKED_THROUGH })
      return all.filter(may).slice(0, filter.limit)
    },
    status: async (filter) => (await controlPlane.status(filter)).filter(may),
  }
}

type OfPolicies = Pick<Within, 'policies' | 'policyHistory' | 'proposePolicy' | 'setPolicy'>

function policiesWithin(controlPlane: ControlPlane, reach: TokenReach): OfPolicies {
  const may = (at: Place) => reaches(reach, at)
  return {
    policies: async () => (await controlPlane.policies()).filter(may),
    policyHistory: async (service, environment) =>
      may({ service, environment }) ? controlPlane.policyHistory(service, environment) : [],
    proposePolicy: async (request) => {
      const found = await controlPlane.proposePolicy(request)
      return !found.ok || may(found.value) ? found : outside(found.value)
    },
    setPolicy: async (request, by) => {
      const aimed = await controlPlane.proposePolicy(request)
      if (!aimed.ok) return aimed
      return may(aimed.value) ? controlPlane.setPolicy(request, by) : outside(aimed.value)
    },
  }
}

function rehearsalsWithin(
  controlPlane: ControlPlane,
  reach: TokenReach,
): Pick<Within, 'recordRehearsal' | 'rehearsals'> {
  return {
    recordRehearsal: async (record, by, once) =>
      reaches(reach, record) ? controlPlane.recordRehearsal(record, by, once) : outside(record),
    rehearsals: async (service, environment) =>
      reaches(reach, { service, environment }) ? controlPlane.rehearsals(service, environment) : [],
  }
}

/** An artifact enters one environment after the other: what counts is the service. */
function artifactsWithin(
  controlPlane: ControlPlane,
  { services }: TokenReach,
): Pick<Within, 'pin' | 'pinned' | 'recordContent' | 'wasHandedOver'> & HandsOver {
  const may = (service: string) => services === null || services.includes(service)
  return {
    pin: async (request, by) =>
      may(request.service) ? controlPlane.pin(request, by) : outsideService(request.service),
    pinned: async (service, version) =>
      may(service) ? controlPlane.pinned(service, version) : outsideService(service),
    mayHandOver: (service) => (may(service) ? { ok: true, value: null } : outsideService(service)),
    recordContent: (kept, by) => controlPlane.recordContent(kept, by),
    wasHandedOver: async (service, digest) => may(service) && (await controlPlane.wasHandedOver(service, digest)),
  }
}

function incidentsWithin(
  controlPlane: ControlPlane,
  reach: TokenReach,
): Pick<Within, 'incidents' | 'incident' | 'intendIncident'> {
  const ofIncident: Within['incident'] = async (id) => {
    const found = await controlPlane.incident(id)
    return !found.ok || reaches(reach, found.value) ? found : outside(found.value)
  }
  return {
    incidents: async (filter) => {
      if (isEverywhere(reach)) return controlPlane.incidents(filter)
      const all = await controlPlane.incidents({ ...filter, limit: LOOKED_THROUGH })
      return all.filter((each) => reaches(reach, each)).slice(0, filter.limit)
    },
    incident: ofIncident,
    intendIncident: async (id, intent, by, once) => {
      const found = await ofIncident(id)
      return found.ok ? controlPlane.intendIncident(id, intent, by, once) : found
    },
  }
}

function notificationsWithin(
  controlPlane: ControlPlane,
  reach: TokenReach,
): Pick<Within, 'notifications' | 'replayNotifications' | 'dismissNotifications' | 'testNotifications'> {
  return {
    notifications: async (filter) => {
      if (isEverywhere(reach)) return controlPlane.notifications(filter)
      const all = await controlPlane.notifications({ ...filter, limit: LOOKED_THROUGH })
      return all.filter((each) => reaches(reach, each)).slice(0, filter.limit)
    },
    replayNotifications: (request, once) => controlPlane.replayNotifications(request, once, reach),
    dismissNotifications: (request, by, once) => controlPlane.dismissNotifications(request, by, once, reach),
    testNotifications: (request) => controlPlane.testNotifications(request, reach),
  }
}

type Place = { readonly service: string; readonly environment: string }

export function isEverywhere({ services, environments }: TokenReach): boolean {
  return services === null && environments === null
}

export const NOT_EVERYWHERE = say`This concerns every service and environment, and your token counts for some of them only. Follow one rollout (?rollout=…), or ask for a token without --for-service and --for-environment.`

function outsideService(service: string): Refusal {
  const said = say`Your token does not count for ${service}; ask for one that does.`
  return { ok: false, kind: 'not-allowed', message: english(said), said, problems: [] }
}

function outside({ service, environment }: Place): Refusal {
  const said = say`Your token does not count for ${service} in ${environment}; ask for one that does.`
  return { ok: false, kind: 'not-allowed', message: english(said), said, problems: [] }
}
