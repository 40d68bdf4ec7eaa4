/** Facts and inputs of one incident. Logs of 0.1.0 hold only the first event. */
import type { Recorded } from '../rollout/events.ts'
import type { Actor } from '../rollout/inputs.ts'
import type { Told } from '../say.ts'

export type Priority = 'P1' | 'P2' | 'P3'

export type Opening = {
  /** The stream's own name. */
  readonly id: string
  /** The rollout that it came of. */
  readonly rollout: string
  readonly service: string
  readonly environment: string
  /** What that rollout released. */
  readonly version: string
  readonly priority: Priority
  readonly title: string
  /** `title` as data, for other languages; absent in logs of earlier versions. */
  readonly said?: Told | undefined
}

type Facts = {
  IncidentOpened: Opening
  IncidentAcknowledged: { readonly by: string }
  IncidentResolved: { readonly by: string; readonly note: string }
  RequestRefused: {
    readonly request: string
    readonly by: string
    readonly reason: string
    readonly said?: Told | undefined
  }
}

export type IncidentEvent = { [T in keyof Facts]: { readonly type: T; readonly data: Facts[T] } }[keyof Facts]
export type RecordedIncident = Recorded<IncidentEvent>

export type IncidentRequest =
  /** Somebody has seen it and looks after it. */
  | { readonly type: 'acknowledge'; readonly by: Actor }
  | { readonly type: 'resolve'; readonly by: Actor; readonly note: string }

export type IncidentInput = ({ readonly type: 'open' } & Opening) | IncidentRequest
