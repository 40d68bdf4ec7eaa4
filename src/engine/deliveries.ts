/**
 * Messages on their way: the order of a message becomes one delivery per route that asks for it, each of which is tried until
 * it is taken, refused for ever, or out of time. What was delivered is remembered, so that no repetition tells anybody twice.
 *
 * To one channel one at a time is sent, the oldest first. One that takes nothing is asked with growing pauses, each time with
 * another message, so that neither a channel that is down nor a message that it chokes on holds up the rest. Whoever dies
 * while he sends leaves the channel to others after `HOLD_MS`, and they send that message again under the same key.
 */
import type { Message } from '../core/rollout/message.ts'
import type { CommandFinished } from '../core/rollout/inputs.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import { pendingOf, type RolloutState } from '../core/rollout/state.ts'
import { type AdapterOptions, type Plan, secretText } from '../core/plan.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import { after, type Instant, instant } from '../core/time.ts'
import { hash } from 'node:crypto'
import type { Attempted, Delivery, MessageKey, NewDelivery } from '../ports/deliveries.ts'
import type { Job, NewJob } from '../ports/job.ts'
import type { About } from '../ports/notifier.ts'
import { failure, type Result } from '../ports/result.ts'
import { pendingCommand } from './command-jobs.ts'
import type { Running } from './running.ts'
import { load } from './streams.ts'
import { timeLimit } from './time-limit.ts'

/** One attempt; an adapter that answers nothing in this time may have sent it. */
const ATTEMPT_MS = 15_000
/** How long one job sends, so that every channel gets its turn, and nobody takes it for dead. */
const TURN_MS = 5000
const TURN_MAX = 200
/** Longer than a turn and the attempt that began at its end. */
const HOLD_MS = 25_000
/** The order's own deadline is later, so that its answer says why. */
const BEFORE_DEADLINE_MS = 120_000
/** So long a dead letter that is sent again is tried. */
export const REPLAY_MS = 24 * 3_600_000
/** So many failures in a row are an outage: what waits out a pause of its own is due when it ends. */
const OUTAGE = 3
const SWEPT = 500

type Answered = CommandFinished['result']
type Receipt = { readonly receipt: string }

/** A job of the queue `notify`: an order whose message is to be queued, or a channel that may be sent to. */
export async function notifyJob(running: Running, job: Job): Promise<void> {
  const { channel } = job.data as { channel?: string }
  return channel === undefined ? queueMessage(running, job) : sendTo(running, channel, job.signal)
}

async function queueMessage(running: Running, job: Job): Promise<void> {
  const { stream, key } = job.data as { stream: string; key: string }
  const found = await pendingCommand(running, stream, key)
  const pending = found && pendingOf(found.state, key)
  if (!found || pending?.command.type !== 'Notify') return
  const { message } = pending.command
  const until = instant(pending.deadline - BEFORE_DEADLINE_MS)
  const order = { stream, version: Number(key), position: found.fence, until }
  const deliveries = deliveriesFor(found.state, message, order)
  if (deliveries.length === 0) {
    const result: Answered = { ok: true, answer: { type: 'done', detail: 'no route asks for it' } }
    await running.give(rollouts, stream, { type: 'command-finished', key, result })
    return
  }
  const now = running.clock.now()
  await running.store.addDeliveries(deliveries, now)
  await sendSoon(
    running,
    deliveries.map(({ channel }) => channel),
    now,
  )
}

type MessageOrder = MessageKey & Pick<NewDelivery, 'position' | 'until'>

function deliveriesFor({ plan }: RolloutState, message: Message, order: MessageOrder): readonly NewDelivery[] {
  const { service, environment } = plan
  const { event, priority, title } = message
  return routesFor(plan, message).map(({ route, to }) => ({
    ...order,
    route,
    service,
    environment,
    event,
    priority,
    title,
    channel: channelOf(plan, to),
    kind: to.kind,
    to: routeText(to),
  }))
}

export type PlannedRoute = Plan['notify'][number] & { readonly route: number }

export function routesFor(
  { notify }: Pick<Plan, 'notify'>,
  { event, priority }: Pick<Message, 'event' | 'priority'>,
): readonly PlannedRoute[] {
  return notify
    .map((each, route) => ({ ...each, route }))
    .filter(({ on }) => on.includes('*') || on.includes(event) || on.includes(priority))
}

/** Its options name secrets and hold none, so they may be hashed. */
function channelOf({ service, environment }: Plan, to: AdapterOptions): string {
  return hash('sha256', canonicalJson([service, environment, to as Json])).slice(0, 32)
}

/** `webhook (env CHAT_URL)`: by which secrets a route goes, for people. */
export function routeText(to: AdapterOptions): string {
  const secrets = Object.values(to).flatMap((value) =>
    typeof value === 'object' && value !== null && 'kind' in value ? [secretText(value as AdapterOptions)] : [],
  )
  return secrets.length === 0 ? to.kind : `${to.kind} (${secrets.join(', ')})`
}

/** One waiting job per channel: an earlier moment counts. */
export async function sendSoon(
  { queue, clock }: Pick<Running, 'queue' | 'clock'>,
  channels: readonly string[],
  due: Instant,
): Promise<void> {
  const jobs = [...new Set(channels)].map((channel): NewJob => {
    return { queue: 'notify', data: { channel }, singleton: `channel ${channel}`, due }
  })
  if (jobs.length > 0) await queue.insert(jobs)
  if (due <= clock.now()) queue.nudge('notify')
}

/** Sends what is due, until nothing is, the turn is over, or the channel takes nothing. */
async function sendTo(running: Running, channel: string, signal: AbortSignal): Promise<void> {
  const { store, clock } = running
  const begun = clock.now()
  const hold = await store.holdChannel(channel, begun, after(begun, HOLD_MS))
  if (!hold.held) return sendSoon(running, [channel], hold.until)
  let { failures } = hold
  let asked: Instant | null = null
  for (let sent = 0; sent < TURN_MAX && clock.now() < begun + TURN_MS; sent += 1) {
    if (signal.aborted || running.stopping.aborted) break
    const next = await store.nextDelivery(channel, clock.now())
    if (next === null) break
    const { took, retryAt } = await sendOne(running, next, signal)
    asked = retryAt
    if (took && failures >= OUTAGE) await store.wakeDeliveries(channel, clock.now())
    failures = took ? 0 : failures + 1
    if (!took) break
  }
  const again = await release(running, channel, { failures, asked })
  const due = await store.channelDue(channel)
  if (due !== null) await sendSoon(running, [channel], instant(Math.max(due, again)))
}

type Pause = { readonly failures: number; readonly asked: Instant | null }

/** Gives the channel back; answers when it may be sent to again. */
async function release({ store, clock }: Running, channel: string, { failures, asked }: Pause): Promise<Instant> {
  const own = after(clock.now(), failures === 0 ? 0 : pauseMs(failures))
  const again = asked === null ? own : instant(Math.max(own, asked))
  await store.releaseChannel(channel, failures, again, asked === null ? 'own' : 'asked')
  return again
}

/**
 * 1, 2, 4 … 60 s after 1, 2, 3 … failures: of one message, and of a channel whoever asked it. Soon after it is back
 * everything goes; a message that is new does not wait for that, since it may be another one that the channel chokes on.
 */
function pauseMs(failures: number): number {
  return Math.min(1000 * 2 ** (failures - 1), 60_000)
}

type Asked = {
  /** Whether the channel answered: one that refuses a message for ever is there. */
  readonly took: boolean
  /** When it wants to be asked again; null: it did not say. */
  readonly retryAt: Instant | null
}

/** A channel is not left alone for longer, whatever it asks for: the message may be one of an incident. */
const RETRY_AFTER_MAX_MS = 5 * 60_000

async function sendOne(running: Running, delivery: Delivery, signal: AbortSignal): Promise<Asked> {
  const { store, clock, log } = running
  const result = await attempt(running, delivery, signal)
  const attempted = judged(delivery, result, clock.now())
  await store.recordDelivery(delivery.id, attempted)
  if (!result.ok) {
    const { id, to } = delivery
    const facts = { id, to, kind: result.kind, attempts: attempted.attempts, message: result.message }
    if (attempted.state === 'dead') log.error('a message could not be delivered', facts)
    else log.warn('a message was not delivered yet', facts)
  }
  if (attempted.state !== 'waiting') await tellLog(running, delivery)
  const took = result.ok || result.kind === 'permanent'
  const waitMs = took ? undefined : result.retryAfterMs
  return { took, retryAt: waitMs ? after(clock.now(), Math.min(waitMs, RETRY_AFTER_MAX_MS)) : null }
}

function judged(delivery: Delivery, result: Result<Receipt>, now: Instant): Attempted {
  const attempts = delivery.attempts + 1
  if (result.ok) return { state: 'delivered', attempts, failure: null, receipt: result.value.receipt, at: now }
  const again = after(now, pauseMs(attempts))
  const failed = { attempts, failure: result.message, receipt: null }
  if (result.kind === 'permanent' || again >= delivery.until) return { state: 'dead', ...failed, at: now }
  return { state: 'waiting', ...failed, at: again }
}

/** What is sent stands in the log: a row that somebody else wrote can at most say again what was said. */
async function attempt(running: Running, delivery: Delivery, outer: AbortSignal): Promise<Result<Receipt>> {
  const { store, adapters, clock } = running
  const { stream, version, route } = delivery
  const [state, event] = await Promise.all([load(rollouts, store, stream), store.event(stream, version)])
  const plan = state?.plan
  const message = event && !event.forged ? messageIn(event.data) : null
  const { to, language } = plan?.notify[route] ?? {}
  if (!plan || !to || !event || !message)
    return failure('permanent', 'its order, or the route that it goes by, does not stand in the log')
  const { signal, release } = timeLimit(outer, ATTEMPT_MS)
  const over = new AbortController()
  const order = { key: deliveryKey(delivery), fence: event.position, signal }
  const late = clock.sleepUntil(after(clock.now(), ATTEMPT_MS), over.signal).then(
    () => failure('unknown', `no answer within ${ATTEMPT_MS / 1000} s; it may have been taken`),
    () => new Promise<never>(() => undefined),
  )
  const send = async () =>
    adapters
      .notifier(plan, to)
      .deliver({ ...message, language, about: aboutOf(plan, stream, state?.run ?? null) }, order)
  try {
    return await Promise.race([send(), late])
  } catch (error) {
    return failure('unknown', error instanceof Error ? error.message : String(error))
  } finally {
    over.abort()
    release()
  }
}

/** As it was before routes were counted in rows: what a channel knows of older messages holds. */
function deliveryKey({ stream, version, route }: MessageKey & { readonly route: number }): string {
  return `${stream}/${version}/0/${route}`
}

function messageIn(data: Json): Message | null {
  const { command } = data as { command?: { type: string; message?: Message } }
  return command?.type === 'Notify' ? (command.message ?? null) : null
}

export function aboutOf({ service, environment, artifact }: Plan, rollout: string, run: string | null): About {
  const { version, commit } = artifact
  return { service, environment, version, rollout, commit, run }
}

/** The log hears what became of a message when nothing of it waits any more. */
async function tellLog(running: Running, message: MessageKey): Promise<void> {
  await tell(running, message).catch((error: unknown) => {
    running.log.warn('what became of a message is not in the log yet; the sweep repeats it', {
      stream: message.stream,
      version: message.version,
      error: String(error),
    })
  })
}

async function tell(running: Running, { stream, version }: MessageKey): Promise<void> {
  const { store, give } = running
  const all = await store.deliveriesOf({ stream, version })
  if (all.some(({ state }) => state === 'waiting')) return
  await give(rollouts, stream, { type: 'command-finished', key: String(version), result: answerOf(all) })
  await store.markTold({ stream, version })
}

function answerOf(all: readonly Delivery[]): Answered {
  const told = all.flatMap(({ receipt }) => receipt ?? []).join(', ')
  const dead = all.filter(({ state }) => state === 'dead')
  if (dead.length === 0) return { ok: true, answer: { type: 'done', detail: told } }
  const why = dead.map(
    ({ to, attempts, failure }) =>
      `${to}, given up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${failure}`,
  )
  const others = told === '' ? '' : ` (told: ${told})`
  return failure('permanent', `${why.join('; ')}${others}. "stellwerk notify list --dead" shows them`)
}

/** What a crash left: channels without a job, messages of which the log was not told, and what is out of time. */
export async function sweepDeliveries(running: Running): Promise<void> {
  const { store, clock, log } = running
  const now = clock.now()
  for (const given of await store.expireDeliveries(now, SWEPT)) {
    const { id, to, attempts, failure: message } = given
    log.error('a message could not be delivered', { id, to, attempts, message })
    await tellLog(running, given)
  }
  for (const message of await store.untoldMessages(SWEPT)) await tellLog(running, message)
  await sendSoon(running, await store.dueChannels(now), now)
}

const DAY_MS = 86_400_000
const DELIVERED_KEPT_MS = 7 * DAY_MS
const DEAD_KEPT_MS = 30 * DAY_MS

/** The table keeps what somebody may still ask for, and no more. */
export async function pruneDeliveries({ store, clock }: Running): Promise<void> {
  const now = clock.now()
  await store.pruneDeliveries(after(now, -DELIVERED_KEPT_MS), after(now, -DEAD_KEPT_MS))
}
