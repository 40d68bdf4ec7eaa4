import type { Account } from './accounts.ts'
import { identify, isName, planRefusal, readStamp } from './admission.ts'
import { type Answer, json, type Request, refusal } from './answer.ts'
import type { Service } from './service.ts'
import type { Card, Stamp } from './store.ts'
import type { Feature } from './variant.ts'

/** What the sender of wallet messages charges for one reward. */
const SENDING_COSTS_CENTS = 2
/** A card is full, and worth a reward, at this many stamps. */
const CARD_SIZE = 10

/** `POST /v1/stamps/claim`: a customer gets a stamp for a one-time code. */
export function claim(request: Request, service: Service): Promise<Answer> {
  return book(request, service, async ({ code, card }, account) => {
    if (!request.dryRun && (await service.store.claimsPaused())) return paused()
    const known = (await service.store.find({ code, card })) !== 'unknown'
    if (known || (!request.dryRun && !(await service.store.claim({ code, card }, account.id)))) return reused(service)
    return json(200, { ok: true, dryRun: request.dryRun, card, code })
  })
}

/** `POST /v1/rewards/redeem`: a claimed stamp is used up, and the worker sends its reward. */
export function redeem(request: Request, service: Service): Promise<Answer> {
  return book(request, service, async ({ code, card }, account) => {
    const state = await service.store.find({ code, card })
    if (state === 'unknown') return refusal(404, 'unknown-stamp', 'This card has no such stamp. Claim it first.')
    const free = state === 'claimed' && (request.dryRun || (await service.store.redeem({ code, card }, account.id)))
    if (!free) return reused(service)
    if (!request.dryRun) service.metrics.costCents.add({}, SENDING_COSTS_CENTS)
    return json(200, { ok: true, dryRun: request.dryRun, card, code })
  })
}

/** `GET /v1/cards/:id`: a card nobody has stamped yet is an empty card. */
export async function card(request: Request, service: Service): Promise<Answer> {
  const who = identify(request, service)
  if ('refused' in who) return who.refused
  const id = request.params.id
  if (!isName(id)) return refusal(400, 'bad-card', 'A card is named by 1-64 letters, digits, "-" or "_".')
  const fault = await service.variant.fault.beforeWork?.(request)
  if (fault) return fault
  const counts = await service.store.card(id)
  return json(200, { ok: true, card: id, ...counts, ...extras(counts, service.variant.features) })
}

type Work = (stamp: Stamp, account: Account) => Promise<Answer>

async function book(request: Request, service: Service, work: Work): Promise<Answer> {
  const who = identify(request, service)
  if ('refused' in who) return who.refused
  const overPlan = await planRefusal(who.account, service)
  if (overPlan) return overPlan
  const read = readStamp(request.body)
  if ('refused' in read) return read.refused
  const fault = await service.variant.fault.beforeWork?.(request)
  return fault ?? work(read.stamp, who.account)
}

/** Somebody has taken load off: tills show it and keep the code, which stays good (R-F02). */
function paused(): Answer {
  return refusal(423, 'claims-paused', 'Stamps are paused for some minutes. The code stays good; try again soon.')
}

function reused({ metrics }: Service): Answer {
  metrics.tokenReuse.add()
  return refusal(409, 'token-reused', 'This code has been used before. Ask the till for a new one.')
}

function extras({ claimed, redeemed }: Card, features: readonly Feature[]) {
  const filled = (claimed - redeemed) % CARD_SIZE
  return {
    ...(features.includes('progress') && { progress: `${filled} of ${CARD_SIZE}` }),
    ...(features.includes('next-reward') && { nextReward: { after: CARD_SIZE - filled, gives: 'a free coffee' } }),
  }
}
