/** The table of deliveries without a database; held to the same contract. */
import { earliest, type Instant, instant } from '../core/time.ts'
import {
  CLOCK_SET_BACK_MS,
  type DeadLetters,
  type Deliveries,
  type Delivery,
  deliveryId,
  type MessageKey,
} from '../ports/deliveries.ts'

type Row = Delivery & { readonly told: boolean }
type Channel = { readonly failures: number; readonly held: boolean; readonly notBefore: Instant }
type Tables = { readonly rows: Map<string, Row>; readonly channels: Map<string, Channel> }

export function memoryDeliveries(): Deliveries {
  const tables: Tables = { rows: new Map(), channels: new Map() }
  return { ...sending(tables), ...keeping(tables) }
}

type Sending = 'addDeliveries' | 'holdChannel' | 'releaseChannel' | 'nextDelivery' | 'channelDue' | 'dueChannels'

function sending({ rows, channels }: Tables): Pick<Deliveries, Sending> {
  const waitingOf = (channel: string) =>
    [...rows.values()].filter((row) => row.channel === channel && row.state === 'waiting')
  return {
    async addDeliveries(deliveries, now) {
      for (const each of deliveries) {
        const id = deliveryId(each)
        const { failures, held, notBefore } = channels.get(each.channel) ?? UNKNOWN
        const earlier = instant(Math.min(now, notBefore))
        if (!held) channels.set(each.channel, { failures, held, notBefore: earlier })
        if (!rows.has(id)) rows.set(id, { ...each, id, ...FRESH, createdAt: now, at: now })
      }
    },
    async holdChannel(channel, now, until) {
      const { failures, notBefore } = channels.get(channel) ?? { ...UNKNOWN, notBefore: now }
      if (!isDue(notBefore, now)) return { held: false, until: notBefore }
      channels.set(channel, { failures, held: true, notBefore: until })
      return { held: true, failures }
    },
    releaseChannel: async (channel, failures, until, pause = 'own') =>
      void channels.set(channel, { failures, held: pause === 'asked', notBefore: until }),
    nextDelivery: async (channel, now) =>
      waitingOf(channel)
        .filter(({ at }) => isDue(at, now))
        .toSorted((left, right) => left.position - right.position || left.route - right.route)
        .map(shown)[0] ?? null,
    channelDue: async (channel) => earliest(...waitingOf(channel).map(({ at }) => at)),
    dueChannels: async (now) =>
      [...channels].flatMap(([channel, { notBefore }]) =>
        isDue(notBefore, now) && waitingOf(channel).some(({ at }) => isDue(at, now)) ? [channel] : [],
      ),
  }
}

const UNKNOWN: Channel = { failures: 0, held: false, notBefore: instant(Number.MAX_SAFE_INTEGER) }

const FRESH = { state: 'waiting', attempts: 0, failure: null, receipt: null, dismissed: null, told: false } as const

function isDue(at: Instant, now: Instant): boolean {
  return at <= now || at > now + CLOCK_SET_BACK_MS
}

function keeping({ rows, channels }: Tables): Omit<Deliveries, Sending> {
  const all = () => [...rows.values()]
  const change = (found: readonly Row[], to: Partial<Row>) => {
    for (const row of found) rows.set(row.id, { ...row, ...to })
    return found.map(({ id }) => shown(rows.get(id)!))
  }
  const of = ({ stream, version }: MessageKey) =>
    all().filter((row) => row.stream === stream && row.version === version)
  return {
    recordDelivery: async (id, attempted) => {
      const row = rows.get(id)
      if (row?.state === 'waiting') change([row], attempted)
    },
    wakeDeliveries: async (channel, at) => {
      change(
        all().filter((row) => row.channel === channel && row.state === 'waiting' && row.at > at),
        { at },
      )
    },
    expireDeliveries: async (now, limit) =>
      all()
        .filter(({ state, until }) => state === 'waiting' && until <= now)
        .slice(0, limit)
        .flatMap((row) => change([row], { state: 'dead', at: now, failure: row.failure ?? NEVER_TAKEN })),
    deliveriesOf: async (message) =>
      of(message)
        .map(shown)
        .toSorted((left, right) => left.route - right.route),
    deliveries: async ({ service, environment, state, limit = 100 }) =>
      all()
        .filter((row) => (service ?? row.service) === row.service)
        .filter((row) => (environment ?? row.environment) === row.environment && (state ?? row.state) === row.state)
        .toSorted((left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1))
        .slice(0, limit)
        .map(shown),
    deadLetters: async () => deadLetters(all().filter(({ state }) => state === 'dead')),
    replayDeliveries: async (ids, at, until) =>
      change(
        all().filter(({ id, state }) => ids.includes(id) && state === 'dead'),
        { state: 'waiting', at, until },
      ),
    dismissDeliveries: async (ids, at, dismissed) =>
      change(
        all().filter(({ id, state }) => ids.includes(id) && state === 'dead'),
        { state: 'dismissed', at, dismissed },
      ),
    untoldMessages: async (limit) => {
      const open = all().filter(({ told }) => !told)
      const ended = open.filter((row) => of(row).every(({ state }) => state !== 'waiting'))
      const keys = new Map(ended.map(({ stream, version }) => [`${stream}/${version}`, { stream, version }]))
      return [...keys.values()].slice(0, limit)
    },
    markTold: async (message) => void change(of(message), { told: true }),
    pruneDeliveries: async (deliveredBefore, deadBefore) => {
      for (const { id, state, at } of all())
        if (
          (state === 'delivered' && at < deliveredBefore) ||
          ((state === 'dead' || state === 'dismissed') && at < deadBefore)
        )
          rows.delete(id)
      for (const [channel, { notBefore }] of channels)
        if (notBefore < deadBefore && !all().some((row) => row.channel === channel)) channels.delete(channel)
    },
  }
}

const NEVER_TAKEN = 'its channel took nothing in its time'

function shown(row: Row): Delivery {
  const { told: _, ...delivery } = row
  return delivery
}

function deadLetters(dead: readonly Row[]): readonly DeadLetters[] {
  const places = Map.groupBy(dead, ({ service, environment }) => JSON.stringify([service, environment]))
  return [...places.entries()]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, some]) => {
      const [newest] = some.toSorted((left, right) => right.at - left.at || (left.id < right.id ? 1 : -1)) as [Row]
      const { service, environment, failure, to } = newest
      const since = instant(Math.min(...some.map(({ at }) => at)))
      return { service, environment, count: some.length, since, failure: failure ?? '', to }
    })
}
