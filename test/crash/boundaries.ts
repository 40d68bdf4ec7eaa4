/**
 * Every place at which a control plane can die during one rollout, found by watching it: before and after each commit that
 * changes something, and before and after each call of an adapter. A boundary has a name that says the same place in every
 * run, whatever the clock does: `deploy api · commit CommandIssued EnsureSlot · before`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from '../../src/core/rollout/commands.ts'
import type { Recorded, RolloutEvent } from '../../src/core/rollout/events.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import type { NewEvent, StoreTransaction } from '../../src/ports/store.ts'
import type { PostgresStore } from '../../src/store/postgres/index.ts'

export type Side = 'before' | 'after'

/** One moment at which the process could have died. `names`: what happens there, by every name it has. */
export type Moment = { readonly what: 'commit' | 'call'; readonly side: Side; readonly names: readonly string[] }

/** A commit's place in the log, for whoever looks whether it is there after the death. */
export type Place = { readonly stream: string; readonly version: number }

export type Recorder = {
  /** Called at every boundary of the watched rollout; a promise that never ends holds the control plane there. */
  readonly reached: (moment: Moment, place: Place | null) => void
  /** False: nothing of interest is going on, and no boundary is counted. */
  readonly watching: () => boolean
}

/** Where the watched rollout is, as its own events tell it. */
type Track = { stream: string | null; step: string; readonly commands: Map<string, Command> }

export function watchBoundaries({ reached, watching }: Recorder) {
  const track: Track = { stream: null, step: 'request', commands: new Map() }
  return {
    /** The next rollout that is requested is the one to watch. */
    reset() {
      track.stream = null
      track.step = 'request'
      track.commands.clear()
    },
    decorate: (adapters: Adapters) => watchAdapters(adapters, { track, reached, watching }),
    decorateStore: (store: PostgresStore) => watchStore(store, { track, reached, watching }),
  }
}

type Watch = Recorder & { readonly track: Track }

function watchStore(store: PostgresStore, watch: Watch): PostgresStore {
  return {
    ...store,
    transact: async (work) => {
      const seen: Changes = { names: [], place: null }
      const result = await store.transact(async (tx) => {
        const value = await work(watchTransaction(tx, seen, watch))
        hitCommit(watch, seen, 'before')
        return value
      })
      hitCommit(watch, seen, 'after')
      return result
    },
    within: async (run, work) => {
      const seen: Changes = { names: [], place: null }
      const result = await store.within(run, (tx) => work(watchTransaction(tx, seen, watch)))
      hitCommit(watch, seen, 'before')
      void committed(store, seen).then(() => hitCommit(watch, seen, 'after'))
      return result
    },
  }
}

type Changes = { names: string[]; place: Place | null }

/** Somebody else commits it: it has happened once others can see it. */
async function committed(store: PostgresStore, { place }: Changes): Promise<void> {
  if (!place) return
  for (let look = 0; look < 2000; look += 1) {
    if (await store.event(place.stream, place.version)) return
    await delay(1)
  }
}

function hitCommit({ watching, reached }: Watch, { names, place }: Changes, side: Side): void {
  if (watching() && names.length > 0) reached({ what: 'commit', side, names: [...new Set(names)] }, place)
}

function watchTransaction(tx: StoreTransaction, seen: Changes, watch: Watch): StoreTransaction {
  const members: Partial<StoreTransaction> = {
    append: async (stream, version, events) => {
      const placed = await tx.append(stream, version, events)
      const last = placed.at(-1)
      if (last) Object.assign(seen, { place: { stream, version: last.version } })
      if (watch.watching()) seen.names.push(...placed.map((event) => nameOf(watch.track, event)))
      return placed
    },
    saveEnvironment: async (row) => {
      await tx.saveEnvironment(row)
      if (watch.watching() && watch.track.stream !== null) seen.names.push(`${watch.track.step} · commit environment`)
    },
  }
  return new Proxy(tx, {
    get(target, name) {
      const own = members[name as keyof StoreTransaction]
      if (own) return own
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The event's name; what it says of where the rollout is and of what is under way is kept for the names that follow. */
function nameOf(track: Track, event: NewEvent & Place): string {
  if (event.type === 'RolloutRequested' && track.stream === null) track.stream = event.stream
  const kind = event.stream === track.stream ? 'own' : event.type === 'IncidentOpened' ? 'incident' : 'previous'
  if (kind !== 'own') return `${kind} · commit ${event.type}`
  const recorded = event as unknown as Recorded<RolloutEvent>
  const { step } = track
  const [text, where] = describe(track, recorded, step)
  return `${where} · commit ${text}`
}

function describe(track: Track, event: Recorded<RolloutEvent>, step: string): readonly [string, string] {
  switch (event.type) {
    case 'StepStarted':
      track.step = stepName(event.data.step)
      return [event.type, track.step]
    case 'CommandIssued': {
      const { command } = event.data
      track.commands.set(String(event.version), command)
      return [`${event.type} ${commandName(command)}`, placeOf(command, step)]
    }
    case 'CommandDone':
    case 'CommandFailed': {
      const command = track.commands.get(event.data.key)
      return command
        ? [`${event.type} ${commandName(command)}`, placeOf(command, step)]
        : [`${event.type} unknown`, step]
    }
    case 'Finalized':
    case 'RolledBack':
    case 'Aborted':
      track.step = 'ended'
      return [event.type, step]
    default:
      return [event.type, step]
  }
}

/** A message is delivered beside the steps: the step at which its answer comes says nothing. */
function placeOf(command: Command, step: string): string {
  return command.type === 'Notify' || command.type === 'OpenIncident' ? 'beside' : step
}

function commandName(command: Command): string {
  return command.type === 'Notify' ? `Notify ${command.message.event}` : command.type
}

function stepName(step: { readonly kind: string; readonly weight?: number; readonly component?: string }): string {
  return [step.kind, step.component, step.weight].filter((part) => part !== undefined).join(' ')
}

type Factory = (...args: readonly never[]) => object

function watchAdapters(adapters: Adapters, watch: Watch): Adapters {
  const watched = (name: string, factory: Factory) =>
    ((...args: readonly never[]) => watchPort(name, factory(...args), watch)) as never
  return {
    platform: watched('platform', adapters.platform as Factory),
    router: watched('router', adapters.router as Factory),
    metrics: watched('metrics', adapters.metrics as Factory),
    gate: watched('gate', adapters.gate as Factory),
    smoke: watched('smoke', adapters.smoke as Factory),
    migration: watched('migration', adapters.migration as Factory),
    notifier: watched('notifier', adapters.notifier as Factory),
    run: watchCall('run', adapters.run as never, watch) as never,
    secrets: watchPort('secrets', adapters.secrets, watch),
  }
}

function watchPort<T extends object>(port: string, real: T, watch: Watch): T {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function'
        ? watchCall(`${port}.${String(name)}`, value.bind(target) as Call, watch)
        : value
    },
  })
}

type Call = (...args: readonly never[]) => Promise<unknown>

/** Looks after the end belong to no rollout: they are the watch over what stands. */
function watchCall(name: string, call: Call, { track, reached, watching }: Watch): Call {
  return async (...args) => {
    const where = name === 'notifier.deliver' ? 'beside' : track.step
    const names = [`${where} · call ${name}`]
    const isOurs = () => watching() && track.stream !== null && !(where === 'ended' && name.endsWith('.observe'))
    if (isOurs()) reached({ what: 'call', side: 'before', names }, null)
    const answer = await call(...args)
    if (isOurs()) reached({ what: 'call', side: 'after', names }, null)
    return answer
  }
}
