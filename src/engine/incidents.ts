/** What people ask of incidents, and what they want of one: seen, looked after, over. */
import { say, saidOr } from '../core/say.ts'
import { incidents } from '../core/incident/aggregate.ts'
import type { IncidentRequest } from '../core/incident/events.ts'
import { type IncidentView, viewOf } from '../core/incident/state.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Store } from '../ports/store.ts'
import type { Answer, ControlPlane, IncidentIntent, Refusal } from './control-plane.ts'
import { drive } from './drive.ts'
import { answerOnce } from './once.ts'
import { refusal } from './refusals.ts'
import { load, lockStream } from './streams.ts'

type IncidentMethods = Pick<ControlPlane, 'incidents' | 'incident' | 'intendIncident'>
type Answered = { readonly answer: Answer<IncidentView> }

export function incidentMethods({ store }: { readonly store: Store }): IncidentMethods {
  return {
    incidents: async ({ isOpen, ...filter }) => {
      const final = isOpen === undefined ? {} : { final: !isOpen }
      const found = await store.list({ kind: 'incident', ...filter, ...final })
      const states = await Promise.all(found.map(({ stream }) => load(incidents, store, stream)))
      return states.filter((state) => state !== null).map(viewOf)
    },
    incident: async (id) => {
      const state = await load(incidents, store, id)
      return state ? { ok: true, value: viewOf(state) } : unknown(id)
    },
    intendIncident: async (id, intent, by, once = null) => {
      const { answer } = await store.transact((tx) =>
        answerOnce<IncidentView, Answered>(tx, once, async () => {
          const loaded = await lockStream(incidents, tx, id)
          if (!loaded) return { answer: unknown(id) }
          const { state, events } = await drive(tx, loaded, requestOf(intent, by))
          const refused = events.find((event) => event.type === 'RequestRefused')
          if (!refused) return { answer: { ok: true, value: viewOf(state) } }
          return { answer: refusal('conflict', say`${id}: ${saidOr(refused.data.said, refused.data.reason)}`) }
        }),
      )
      return answer
    },
  }
}

function requestOf(intent: IncidentIntent, by: Actor): IncidentRequest {
  return { ...intent, by }
}

function unknown(id: string): Refusal {
  return refusal('not-found', say`there is no incident "${id}"; "stellwerk incident list" shows them`)
}

const SHOWN = 100

/** Those of every environment that nobody has resolved, the newest first; a broken one is an alarm of its own. */
export async function openIncidents(store: Store): Promise<readonly IncidentView[]> {
  const found = await store.list({ kind: 'incident', final: false, limit: SHOWN })
  const states = await Promise.all(found.map(({ stream }) => load(incidents, store, stream).catch(() => null)))
  return states.filter((state) => state !== null).map(viewOf)
}
