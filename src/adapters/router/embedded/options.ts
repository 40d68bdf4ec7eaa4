/** `router: { kind: embedded }`: as people write it, and as it stands in a plan. */
import { expected, foundWrong, sentenceOf } from '../../../stellwerk-yaml/expected.ts'
import { say } from '../../../core/say.ts'
import { z } from 'zod'
import { readListen } from '../../../core/listen.ts'
import { durationText } from '../../../core/time.ts'
import { Deadline } from '../../../stellwerk-yaml/duration.ts'

const LISTEN = expected(say`an address to listen on such as 127.0.0.1:8080`)
const PROXY = expected(say`an IP address`)
const TOKEN = expected(say`a cookie or header name`)

const Token = z.string(TOKEN).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, TOKEN)

const Listen = z
  .string(LISTEN)
  .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]|localhost):(\d{1,5})$/, { error: LISTEN, abort: true })
  .superRefine((text, context) => {
    const read = readListen(text)
    if (!read.ok) context.addIssue(foundWrong(say`${sentenceOf(LISTEN)} (${read.said})`))
  })

const HOUR_MS = 3_600_000
const DEADLINE_MS = 5000
const atMostAnHour = Deadline.refine((ms) => ms <= HOUR_MS, expected(say`a duration of at most 1h`))

/** The same for everybody, or another one with every request: as a session it would put all users on one slot, or none. */
const NO_SESSION = /^(?:host|connection|content-length|transfer-encoding|te|upgrade|expect|date)$/i

const SessionHeader = Token.refine(
  (name) => !NO_SESSION.test(name),
  expected(say`a header that tells one session from another`),
)

const Sticky = z
  .union([
    z.literal('none'),
    z.strictObject({
      cookie: Token.meta({
        description:
          'Cookie that keeps a session on its slot; on the wire with a mark of the route: `slot-1x8f0a3c2d`.',
      }),
    }),
    z.strictObject({ header: SessionHeader.meta({ description: 'Header that keeps a session on its slot.' }) }),
  ])
  .transform((sticky) => {
    if (sticky === 'none') return { kind: 'none' } as const
    if ('cookie' in sticky) return { kind: 'cookie', name: sticky.cookie } as const
    return { kind: 'header', name: sticky.header } as const
  })

export const options = z
  .strictObject({
    kind: z.literal('embedded').meta({ description: 'The router that comes with Stellwerk.' }),
    listen: Listen.prefault('127.0.0.1:8080').meta({ description: 'Where users reach the component.' }),
    sticky: Sticky.prefault('none').meta({ description: 'What keeps a session on the slot it began on.' }),
    timeout: atMostAnHour
      .prefault('30s')
      .meta({ description: 'A request without an answer ends with 504 after this.' }),
    deadline: atMostAnHour.optional().meta({
      description:
        'A request without an answer counts as an error after this; at most `timeout`. Absent: `5s`, or `timeout` where that is shorter.',
    }),
    drain: Deadline.refine((ms) => ms <= 24 * HOUR_MS, expected(say`a duration of at most 24h`))
      .prefault('30s')
      .meta({
        description: 'How long an answer may go on once its slot gets no traffic.',
      }),
    trustedProxies: z
      .array(z.union([z.ipv4(PROXY), z.ipv6(PROXY)]))
      .max(32)
      .prefault([])
      .meta({ description: 'Addresses in front (a TLS proxy) whose `X-Forwarded-*` is believed.' }),
  })
  .superRefine(({ timeout, deadline = 0 }, context) => {
    if (deadline <= timeout) return
    const said = say`at most its timeout, ${durationText(timeout)}, after which nothing is left to count`
    context.addIssue({ ...foundWrong(said), path: ['deadline'] })
  })
  .transform(({ timeout, deadline = Math.min(DEADLINE_MS, timeout), drain, ...rest }) => {
    return { ...rest, timeoutMs: timeout, deadlineMs: deadline, drainMs: drain }
  })

export const planned = z.object({
  kind: z.literal('embedded'),
  listen: z.string(),
  sticky: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('cookie'), name: z.string() }),
    z.object({ kind: z.literal('header'), name: z.string() }),
  ]),
  timeoutMs: z.number(),
  deadlineMs: z.number(),
  drainMs: z.number(),
  trustedProxies: z.array(z.string()),
})
