/** What people ask of messages: what became of them, to send dead letters again, and whether the routes work. */
import { type Message, MESSAGES, messageOf } from '../core/rollout/message.ts'
import { quote, say, type Sentence } from '../core/say.ts'
import { outOfReach, refusal } from './refusals.ts'
import { type Alarm, alarm } from '../core/alarm.ts'
import { randomUUID } from 'node:crypto'
import type { Plan } from '../core/plan.ts'
import { after } from '../core/time.ts'
import type { Delivery } from '../ports/deliveries.ts'
import { reaches, type TokenReach } from '../ports/identity.ts'
import type { OnceKey } from '../ports/identity.ts'
import { failure } from '../ports/result.ts'
import type { Store } from '../ports/store.ts'
import type {
  Answer,
  ControlPlane,
  Refusal,
  ReplayRequest,
  SpecSource,
  TestedRoute,
  TestTopic,
} from './control-plane.ts'
import { type PlannedRoute, REPLAY_MS, routeText, sendSoon } from './deliveries.ts'
import { answerOnce } from './once.ts'
import type { EngineOptions } from './running.ts'
import { timeLimit } from '../timers.ts'

/** Alarms of an environment whose messages reached nobody by some route; they end when the dead letters are sent again. */
export async function deadLetterAlarms({ deadLetters }: Pick<Store, 'deadLetters'>) {
  const all = await deadLetters()
  return (service: string, environment: string): readonly Alarm[] => {
    const found = all.find((each) => each.service === service && each.environment === environment)
    if (!found) return []
    const { count, since, failure, to } = found
    const what = count === 1 ? say`one message` : say`${count} messages`
    const why = say`${what} could not be delivered, the newest by ${to}: ${quote(failure ?? '')}. See "stellwerk notify list --dead -e ${environment}"; "stellwerk notify replay" sends them again, "stellwerk notify dismiss" dismisses them`
    return [alarm({ kind: 'undelivered', since }, { what: say`messages`, why })]
  }
}

type MessageMethods = Pick<
  ControlPlane,
  'notifications' | 'replayNotifications' | 'dismissNotifications' | 'testNotifications'
>

export type MessageOptions = EngineOptions & {
  /** The plan of an environment of the spec, whatever is released into it. Absent where no specs are read. */
  readonly proposePlan?: (source: SpecSource, environment: string) => Promise<Answer<Plan>>
}

export function messageMethods(options: MessageOptions): MessageMethods {
  return {
    notifications: (filter) => options.store.deliveries(filter),
    replayNotifications: async (request, once = null, reach = EVERYWHERE) => {
      return atMostOnce(options, once, () => ofDead(options, request, reach, (dead) => sendAgain(options, dead)))
    },
    dismissNotifications: async (request, by, once = null, reach = EVERYWHERE) => {
      const dismissal = { by: by.id, reason: request.reason }
      const dismiss = (dead: readonly Delivery[]) =>
        options.store.dismissDeliveries(
          dead.map(({ id }) => id),
          options.clock.now(),
          dismissal,
        )
      return atMostOnce(options, once, () => ofDead(options, request, reach, dismiss))
    },
    testNotifications: async ({ source, environment, on }, reach = EVERYWHERE) => {
      const read = await options.proposePlan?.(source, environment)
      if (!read) return refusal('unavailable', say`this control plane reads no specs`)
      if (!read.ok) return read
      const { service } = read.value
      if (!reaches(reach, { service, environment })) return beyond({ service, environment })
      return { ok: true, value: await testRoutes(options, read.value, on) }
    },
  }
}

type Deliveries = Answer<readonly Delivery[]>

async function atMostOnce(
  { store }: EngineOptions,
  once: OnceKey | null,
  act: () => Promise<Deliveries>,
): Promise<Deliveries> {
  if (once === null) return act()
  const { answer } = await store.transact((tx) =>
    answerOnce<readonly Delivery[], { readonly answer: Deliveries }>(tx, once, async () => ({ answer: await act() })),
  )
  return answer
}

const EVERYWHERE: TokenReach = { services: null, environments: null }

function beyond({ service, environment }: { readonly service: string; readonly environment: string }): Refusal {
  return outOfReach(service, environment)
}

const PAGE = 1000

type Act = (dead: readonly Delivery[]) => Promise<readonly Delivery[]>

/** Of those named all or none: what is unknown, out of reach or no dead letter is said before anything is done. */
async function ofDead(
  options: EngineOptions,
  { ids, service, environment }: ReplayRequest,
  reach: TokenReach,
  act: Act,
): Promise<Deliveries> {
  if (ids === null) return { ok: true, value: await ofAllDead(options, { service, environment }, reach, act) }
  const found: Delivery[] = []
  for (const id of ids) {
    const one = await deadLetter(options.store, id, reach)
    if (!one.ok) return one
    found.push(one.value)
  }
  return { ok: true, value: await act(found) }
}

type Place = { readonly service?: string | undefined; readonly environment?: string | undefined }

async function ofAllDead(
  { store }: EngineOptions,
  wanted: Place,
  reach: TokenReach,
  act: Act,
): Promise<readonly Delivery[]> {
  const places = (await store.deadLetters()).filter(
    (place) =>
      reaches(reach, place) &&
      (wanted.service ?? place.service) === place.service &&
      (wanted.environment ?? place.environment) === place.environment,
  )
  const sent: Delivery[] = []
  for (const { service, environment, count } of places) {
    for (let rest = count; rest > 0; rest -= PAGE) {
      const dead = await store.deliveries({ service, environment, state: 'dead', limit: PAGE })
      sent.push(...(await act(dead)))
    }
  }
  return sent
}

async function deadLetter(store: Store, id: string, reach: TokenReach): Promise<Answer<Delivery>> {
  const [, stream = '', version = ''] = /^(.+)\/(\d+)\/\d+$/.exec(id) ?? []
  const all = stream === '' ? [] : await store.deliveriesOf({ stream, version: Number(version) })
  const found = all.find((each) => each.id === id)
  if (!found) return refusal('not-found', say`there is no message "${id}"; "stellwerk notify list" shows them`)
  if (!reaches(reach, found)) return beyond(found)
  if (found.state === 'dead') return { ok: true, value: found }
  return refusal('conflict', HOW[found.state](id))
}

const HOW: Readonly<Record<Exclude<Delivery['state'], 'dead'>, (id: string) => Sentence>> = {
  waiting: (id) => say`the message ${id} is still being tried: only dead letters are sent again or dismissed`,
  delivered: (id) => say`the message ${id} was delivered: only dead letters are sent again or dismissed`,
  dismissed: (id) => say`the message ${id} was dismissed: only dead letters are sent again or dismissed`,
}

async function sendAgain(
  { store, queue, clock }: EngineOptions,
  dead: readonly Delivery[],
): Promise<readonly Delivery[]> {
  const now = clock.now()
  const ids = dead.map(({ id }) => id)
  const sent = await store.replayDeliveries(ids, now, after(now, REPLAY_MS))
  await sendSoon(
    { queue, clock },
    sent.map(({ channel }) => channel),
    now,
  )
  return sent
}

/** What a route that asks for all of a priority is tested with. */
const EXAMPLES: Readonly<Record<string, Message['event']>> = {
  '*': 'started',
  info: 'started',
  P1: 'needs-human',
  P2: 'rolled-back',
  P3: 'held',
}

const TEST_LIMIT_MS = 15_000

/** Each route that asks for the topic (null: each route, for the first that it asks for) is sent a test, at the same time. */
export async function testRoutes(
  { adapters }: Pick<EngineOptions, 'adapters'>,
  plan: Plan,
  topic: TestTopic | null,
): Promise<readonly TestedRoute[]> {
  const run = randomUUID()
  const routes = plan.notify.map((each, route) => ({ ...each, route })).filter(({ on }) => asksFor(on, topic))
  return Promise.all(
    routes.map(async (route) => {
      const { kind } = route.to
      const event = eventOf(topic ?? route.on[0] ?? '*')
      const result = await sendTest(adapters, plan, { run, route, event })
      const detail = result.ok ? result.value.receipt : result.message
      const outcome = result.ok ? 'delivered' : 'failed'
      return { route: route.route, on: route.on, kind, to: routeText(route.to), event, outcome, detail } as const
    }),
  )
}

function asksFor(on: readonly string[], topic: TestTopic | null): boolean {
  if (topic === null || on.includes('*') || on.includes(topic)) return true
  return !(topic in EXAMPLES) && on.includes(MESSAGES[eventOf(topic)].priority)
}

function eventOf(topic: string): Message['event'] {
  return EXAMPLES[topic] ?? (topic as Message['event'])
}

type Testing = { readonly run: string; readonly route: PlannedRoute; readonly event: Message['event'] }

async function sendTest(adapters: EngineOptions['adapters'], plan: Plan, { run, route, event }: Testing) {
  const { service, environment } = plan
  const said = {
    title: say`TEST: ${service} in ${environment}: a test message as for "${event}"`,
    text: say`Sent by "stellwerk notify test" to see whether it arrives. Nothing happened, and there is nothing to do.`,
    serving: say`unchanged: this is a test`,
  }
  const message: Message = messageOf({ event, priority: MESSAGES[event].priority }, said)
  const about = { service, environment, version: 'test', rollout: `test-${run}`, commit: null, run: null }
  const signal = timeLimit(TEST_LIMIT_MS)
  const late = new Promise<ReturnType<typeof failure>>((resolve) =>
    signal.addEventListener('abort', () => resolve(failure('unknown', `no answer within ${TEST_LIMIT_MS / 1000} s`))),
  )
  const order = { key: `test/${run}/${route.route}`, fence: 1, signal }
  const send = async () =>
    adapters.notifier(plan, route.to).deliver({ ...message, about, language: route.language }, order)
  return Promise.race([send(), late]).catch((error: unknown) =>
    failure('unknown', error instanceof Error ? error.message : String(error)),
  )
}
