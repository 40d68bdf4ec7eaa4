/**
 * The desired state of one route, as `PUT /routes/:key` takes it and `routes.json` keeps it. Zod is the one source: the
 * types come from here, and every refusal is its text.
 */
import { z } from 'zod'
import { parseAddress } from './address.ts'
import { LEARN_ALL, SegmentsWanted } from './segments.ts'

const address = (portMin: number) =>
  z.string().refine((text) => (parseAddress(text)?.port ?? -1) >= portMin, {
    error: ({ input }) => `expected "host:port" such as "127.0.0.1:8080", got ${JSON.stringify(input)}`,
  })

const token = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/, 'expected a header or cookie name')

const milliseconds = (max: number) => z.int().min(1).max(max)

export const Slot = z.strictObject({
  weight: z.int().min(0).max(100),
  upstreams: z.array(address(1)).max(64),
})

export const Sticky = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('cookie'), name: token }),
  z.strictObject({ kind: z.literal('header'), name: token }),
])

/** What a page shows: half a surrogate or a control sign (but a line break or tab) is no text. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((shown) => shown.isWellFormed() && !UNSHOWABLE.test(shown), 'expected text without control characters')

const UNSHOWABLE = /[^\P{Cc}\t\r\n]/u

export const Maintenance = z.strictObject({
  title: text(200).min(1),
  text: text(2000),
  retryAfterS: z.int().min(1).max(86_400),
})

export const DesiredRoute = z.strictObject({
  /** Fencing: a desired route with a lower generation than the stored one is refused. */
  generation: z.int().min(0),
  /** Port 0 asks for any free port; the answer names it. */
  listen: address(0),
  slots: z.strictObject({ blue: Slot, green: Slot }),
  sticky: Sticky.default({ kind: 'none' }),
  /** Peers whose `X-Forwarded-*` is believed and passed on: a TLS proxy in front. From anyone else it is dropped. */
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(32)
    .default([]),
  maintenance: Maintenance.nullable().default(null),
  /** Without response headers for this long the client gets 504; a service that takes no bytes for this long is cut off. */
  timeoutMs: milliseconds(3_600_000).default(30_000),
  /** Without response headers for this long a request counts as an error, though it may still succeed. */
  deadlineMs: milliseconds(3_600_000).default(5_000),
  /** How long a response or WebSocket may go on once its slot has weight 0. */
  drainMs: milliseconds(86_400_000).default(30_000),
  /** What is counted by itself as well. */
  segments: SegmentsWanted.default(LEARN_ALL),
})
export type DesiredRoute = z.output<typeof DesiredRoute>
export type DesiredRouteInput = z.input<typeof DesiredRoute>

export const RouteKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'expected a route key of letters, digits and ._:- (128 at most)')

/** What no schema can say about a well-formed desired route; null when it can be carried out. */
export function contradiction(desired: DesiredRoute): string | null {
  const { blue, green } = desired.slots
  const sum = blue.weight + green.weight
  if (sum !== 100 && !(sum === 0 && desired.maintenance)) {
    return `weights must sum to 100 (or both be 0 during maintenance), got blue ${blue.weight} + green ${green.weight} = ${sum}`
  }
  for (const [name, slot] of Object.entries(desired.slots)) {
    if (slot.weight > 0 && slot.upstreams.length === 0) {
      return `slot ${name} has weight ${slot.weight} but no upstreams: its requests could go nowhere`
    }
  }
  return null
}
