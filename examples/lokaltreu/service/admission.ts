import { type Account, accountOf, PLAN_LIMITS } from './accounts.ts'
import { type Answer, type Request, refusal } from './answer.ts'
import type { Service } from './service.ts'
import type { Stamp } from './store.ts'

/** Who asks, or why not: 401 without a valid token or device proof. */
export function identify(
  { authorization }: Request,
  { config, metrics }: Service,
): { readonly account: Account } | { readonly refused: Answer } {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  if (!token) return { refused: refusal(401, 'missing-token', 'Send "Authorization: Bearer <token>".') }
  const account = accountOf(token, config.authSecret)
  if (!account) {
    metrics.invalidTokens.add()
    return { refused: refusal(401, 'invalid-token', 'Nobody issued this token. Sign in again.') }
  }
  if (account.deviceProven) return { account }
  metrics.deviceProofFailures.add()
  return { refused: refusal(401, 'device-proof', 'This device could not prove that it is enrolled. Enrol it again.') }
}

/** 403 when the account's plan holds no further booking. */
export async function planRefusal(account: Account, { store, variant }: Service): Promise<Answer | undefined> {
  const limit = PLAN_LIMITS[account.plan]
  if (limit === Number.POSITIVE_INFINITY || variant.fault.ignoresPlanLimit) return undefined
  const booked = account.bookedBefore + (await store.bookings(account.id))
  if (booked < limit) return undefined
  return refusal(
    403,
    'plan-limit',
    `The ${account.plan} plan holds ${limit} bookings and all are used. Change the plan.`,
  )
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value)
}

/** `{ "card": "c-17", "code": "q-4711" }`: the customer's card and the one-time code from the till's QR. */
export function readStamp(body: string): { readonly stamp: Stamp } | { readonly refused: Answer } {
  const value = parse(body)
  if (typeof value !== 'object' || value === null) {
    return {
      refused: refusal(400, 'bad-json', 'The body must be a JSON object such as {"card":"c-17","code":"q-4711"}.'),
    }
  }
  const { card, code } = value as { card?: unknown; code?: unknown }
  const detail = '"card" and "code" must each be 1-64 letters, digits, "-" or "_".'
  return isName(card) && isName(code) ? { stamp: { card, code } } : { refused: refusal(400, 'bad-stamp', detail) }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
