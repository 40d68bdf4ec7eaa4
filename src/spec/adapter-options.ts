/**
 * What an adapter tells the spec: its `kind` and the zod schema of its options. From these tuples come validation, types,
 * JSON Schema and the reference page, so that an adapter's options are described in one place only.
 */
import { z } from 'zod'
import type { ReferenceKind } from '../core/artifact.ts'
import { readListen } from '../core/listen.ts'
import type { AdapterOptions } from '../core/plan.ts'
import { Deadline, Duration } from './duration.ts'
import { CommandLine } from './name.ts'
import { SecretByName } from './secret-options.ts'
import { Size } from './size.ts'

export { PrometheusOptions } from './prometheus.ts'
export { EnvSecretOptions, FileSecretOptions } from './secret-options.ts'

/**
 * `options` is a strict object with a `kind` literal, or a pipe that begins with one. In the file a value carries its unit
 * (`stopGrace: 10s`), in the plan its name does (`stopGraceMs: 10000`). What is read out must be plain JSON with a `kind`.
 */
export type AdapterSchema = { readonly kind: string; readonly options: z.ZodType }

/** `takes`: kinds of references that it can run; what none of them is, is refused before anything is planned. */
export type PlatformSchema = AdapterSchema & { readonly takes: readonly ReferenceKind[] }

/** `listens`: addresses of this machine that it opens for users; two cannot open the same. Absent: none. */
export type RouterSchema = AdapterSchema & { listens?(options: AdapterOptions): readonly string[] }

/** `queries`: it answers queries of the spec's own (`analysis` entries with `query`). */
export type MetricsSchema = AdapterSchema & { readonly queries?: boolean }

/** One tuple per port, never empty. An adapter object of the registry (`{ kind, options, create }`) fits as it is. */
export type AdapterSchemas = {
  readonly platforms: readonly [PlatformSchema, ...PlatformSchema[]]
  readonly routers: readonly [RouterSchema, ...RouterSchema[]]
  readonly gates: readonly [AdapterSchema, ...AdapterSchema[]]
  readonly secrets: readonly [AdapterSchema, ...AdapterSchema[]]
  readonly notifiers: readonly [AdapterSchema, ...AdapterSchema[]]
  readonly metrics: readonly [MetricsSchema, ...MetricsSchema[]]
}

const LISTEN = 'an address to listen on such as 127.0.0.1:8080'
const PROXY = 'an IP address'
const TOKEN = 'a cookie or header name'
const USER = 'a user of this machine, by name or number'

const Token = z.string(TOKEN).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, TOKEN)

/** Local processes, started in the unpacked artifact's folder. */
export const ProcessOptions = z
  .strictObject({
    kind: z.literal('process').meta({ description: 'Local processes.', source: 'R-A07' }),
    command: CommandLine.meta({
      description: "Starts one instance in the artifact's folder, without a shell; it listens on `127.0.0.1:$PORT`.",
    }),
    stopGrace: Duration.prefault('10s').meta({ description: 'Between the polite and the hard end of an instance.' }),
    hungAfter: Duration.refine((ms) => ms >= 1000, 'a duration of at least 1s')
      .prefault('30s')
      .meta({
        description: 'An instance that was alive and answers no liveness check for this long is started again.',
      }),
    logSize: Size.refine((bytes) => bytes >= 10_000, 'a size of at least 10kB')
      .prefault('10MB')
      .meta({ description: "Size at which an instance's log file is rotated." }),
    user: z
      .string(USER)
      .regex(/^[a-z_][a-z0-9_-]{0,31}$|^[0-9]{1,10}$/, USER)
      .optional()
      .meta({
        description:
          'User of the machine as whom instances run; only where the control plane is root. As the control plane when absent.',
      }),
    logFiles: z.int().min(1).max(100).prefault(3).meta({ description: 'Log files kept per instance.' }),
  })
  .transform(({ stopGrace, hungAfter, logSize, ...rest }) => {
    return { ...rest, stopGraceMs: stopGrace, hungAfterMs: hungAfter, logMaxBytes: logSize }
  })

const Listen = z
  .string(LISTEN)
  .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]|localhost):(\d{1,5})$/, { error: LISTEN, abort: true })
  .superRefine((text, context) => {
    const read = readListen(text)
    if (!read.ok) context.addIssue({ code: 'custom', message: `${LISTEN} (${read.why})` })
  })

const HOUR_MS = 3_600_000
const atMostAnHour = Deadline.refine((ms) => ms <= HOUR_MS, 'a duration of at most 1h')

const Sticky = z
  .union([
    z.literal('none'),
    z.strictObject({
      cookie: Token.meta({
        description:
          'Cookie that keeps a session on its slot; on the wire with a mark of the route: `slot-1x8f0a3c2d`.',
      }),
    }),
    z.strictObject({ header: Token.meta({ description: 'Header that keeps a session on its slot.' }) }),
  ])
  .transform((sticky) => {
    if (sticky === 'none') return { kind: 'none' }
    return 'cookie' in sticky ? { kind: 'cookie', name: sticky.cookie } : { kind: 'header', name: sticky.header }
  })

/** The router that comes with Stellwerk: a process of its own. */
export const EmbeddedRouterOptions = z
  .strictObject({
    kind: z.literal('embedded').meta({ description: 'The router that comes with Stellwerk.' }),
    listen: Listen.prefault('127.0.0.1:8080').meta({ description: 'Where users reach the component.' }),
    sticky: Sticky.prefault('none').meta({ description: 'What keeps a session on the slot it began on.' }),
    timeout: atMostAnHour
      .prefault('30s')
      .meta({ description: 'A request without an answer ends with 504 after this.' }),
    deadline: atMostAnHour.prefault('5s').meta({
      description: 'A request without an answer counts as an error after this.',
    }),
    drain: Deadline.refine((ms) => ms <= 24 * HOUR_MS, 'a duration of at most 24h')
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
  .transform(({ timeout, deadline, drain, ...rest }) => {
    return { ...rest, timeoutMs: timeout, deadlineMs: deadline, drainMs: drain }
  })

/** Counts and latencies as the router sees them. */
export const RouterMetricsOptions = z.strictObject({
  kind: z.literal('router').meta({ description: "The router's own counts and latencies." }),
})

/** A JSON message by HTTP POST. */
export const WebhookOptions = z.strictObject({
  kind: z.literal('webhook').meta({ description: 'A JSON message by HTTP POST.' }),
  url: SecretByName.meta({
    description:
      'Where to: an http(s) URL, by the name of the secret that holds it, since whoever knows it can send there.',
  }),
})
