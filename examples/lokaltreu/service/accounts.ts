import { createHmac, timingSafeEqual } from 'node:crypto'

/** A shop that books stamps. Known by a pseudonymous id only; who it is stands in another system. */
export type Account = {
  readonly id: string
  readonly plan: Plan
  /** False when the till's device could not prove that it is the enrolled one. */
  readonly deviceProven: boolean
  /** Bookings made elsewhere (the old system); they count against the plan. */
  readonly bookedBefore: number
}

export type Plan = 'starter' | 'pro'

/** Bookings (claims and redemptions) a plan allows. */
export const PLAN_LIMITS: Readonly<Record<Plan, number>> = { starter: 500, pro: Number.POSITIVE_INFINITY }

/**
 * The fixture of the test tenant, known to every environment so that smoke tests can ask for each outcome by name:
 * a shop in good standing, one that has used up its plan, one whose device proof fails.
 */
export const TEST_ACCOUNTS: Readonly<Record<string, Account>> = {
  'test-token': { id: 'test-good', plan: 'pro', deviceProven: true, bookedBefore: 0 },
  'starter-plan': { id: 'test-limit', plan: 'starter', deviceProven: true, bookedBefore: PLAN_LIMITS.starter },
  'bad-device': { id: 'test-device', plan: 'pro', deviceProven: false, bookedBefore: 0 },
}

/** The token of a real shop: `lt1.<account as base64url JSON>.<HMAC-SHA-256 under AUTH_SECRET>`. */
export function signToken(account: Account, secret: string): string {
  const claims = Buffer.from(JSON.stringify(account)).toString('base64url')
  return `lt1.${claims}.${mac(claims, secret).toString('base64url')}`
}

/** The account behind a bearer token; undefined when the token is unknown, malformed or signed by someone else. */
export function accountOf(token: string, secret: string): Account | undefined {
  if (Object.hasOwn(TEST_ACCOUNTS, token)) return TEST_ACCOUNTS[token]
  const [format, claims, signature] = token.split('.')
  if (format !== 'lt1' || !claims || !signature) return undefined
  const expected = mac(claims, secret)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Account
}

function mac(claims: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(claims).digest()
}
