/** How builds behave, how that changes, and at which moments: values that several parts of a scenario share. */
import { expected } from '../../stellwerk-yaml/expected.ts'
import { say } from '../../core/say.ts'
import { FORWARD_PHASES } from '../../core/rollout/steps/index.ts'
import { z } from 'zod'
import { Deadline, Duration } from '../../stellwerk-yaml/duration.ts'
import { Percentage, Weight, Size } from '../../stellwerk-yaml/scalars.ts'

export const NUMBER = 'a number of at least 0'
const VERSION = expected(say`a version such as v2`)

export const Amount = z.number(NUMBER).min(0, NUMBER)
export const Version = z.string(VERSION).regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, VERSION)

const SHARE = expected(say`a share from 0% to 100%`)
export const Share = Percentage.refine((share) => share <= 1, SHARE)

const ROUTE = expected(say`a method and a path such as GET /orders/:id`)
/** As a router names it. */
export const Route = z.string(ROUTE).regex(/^[A-Z]{1,20} \/[^\s?#"\\]{0,180}$/, ROUTE)

export const PHASES = [
  'queued',
  ...FORWARD_PHASES,
  'finalized',
  'aborted',
  'rolling-back',
  'rolled-back',
  'needs-human',
] as const

export const When = z
  .strictObject({
    phase: z.enum(PHASES).optional().meta({ description: 'When the release first enters this phase.' }),
    weight: Weight.optional().meta({ description: 'Together with `phase`: only at this share of the candidate.' }),
    release: Version.optional().meta({
      description: 'Whose phase. Default: the release it stands in, else the first.',
    }),
    after: Duration.prefault('0s').meta({ description: 'So much later; without `phase`, after the start.' }),
  })
  .meta({ id: 'When', description: 'a moment: `{ phase: holding, weight: 10%, after: 1m }` or `{ after: 5m }`' })

export const lasts = {
  from: When.meta({ description: 'When it begins.' }),
  for: Deadline.optional().meta({ description: 'How long it lasts; absent: to the end.' }),
}

/** How instances of a build behave. */
const behaviour = {
  errors: Percentage.meta({ description: 'Share of its requests that are answered 5xx.' }),
  errorsOn: z.record(Route, Share).meta({
    description:
      'The same of routes of `traffic.routes`, where that is otherwise: `POST /checkout: 100%` is a dead one.',
  }),
  latency: Deadline.meta({ description: 'Median response time.' }),
  spread: z.number(NUMBER).min(0, NUMBER).max(3, NUMBER).meta({
    description: 'Log-spread of response times; at 0.5, p95 is 2.3 times the median.',
  }),
  readyAfter: z
    .union([Duration, z.literal('never')])
    .meta({ description: 'From its start until an instance is ready.' }),
  crashesAfter: z
    .union([Deadline, z.literal('never')])
    .meta({ description: 'Every instance exits so long after it started.' }),
  flapping: z
    .union([
      z.strictObject({
        every: Deadline.meta({ description: 'From one end of it to the next.' }),
        for: Deadline.meta({ description: 'How long it is not ready.' }),
      }),
      z.literal('never'),
    ])
    .meta({ description: 'Readiness fails for the last `for` of `every`.' }),
  hangs: z.boolean().meta({ description: 'Takes requests and answers none; after 30 s each counts as an error.' }),
  capacity: z.union([Amount, z.literal('unlimited')]).meta({
    description: 'Requests per second that one ready instance can answer; what is above is lost.',
  }),
  memory: Size.meta({ description: 'Resident memory of an instance after its start.' }),
  memoryGrowth: Size.meta({ description: 'Memory it gains per minute.' }),
  logLines: Amount.meta({ description: 'Log lines per second and instance.' }),
  smoke: z.enum(['passes', 'fails', 'cannot run']).meta({ description: 'How smoke tests against it end.' }),
}

export const Build = z
  .strictObject({
    errors: behaviour.errors.prefault('0%'),
    errorsOn: behaviour.errorsOn.prefault({}),
    latency: behaviour.latency.prefault('80ms'),
    spread: behaviour.spread.prefault(0.5),
    readyAfter: behaviour.readyAfter.prefault('2s'),
    crashesAfter: behaviour.crashesAfter.prefault('never'),
    flapping: behaviour.flapping.prefault('never'),
    hangs: behaviour.hangs.prefault(false),
    capacity: behaviour.capacity.prefault('unlimited'),
    memory: behaviour.memory.prefault('90MB'),
    memoryGrowth: behaviour.memoryGrowth.prefault('0kB'),
    logLines: behaviour.logLines.prefault(1),
    smoke: behaviour.smoke.prefault('passes'),
  })
  .meta({ id: 'Build', description: 'how instances of a build behave' })

/** Only what is otherwise. */
export const PartOfBuild = z.object(behaviour).partial().strict()

export const Change = z
  .strictObject({
    ...lasts,
    ...z.object(behaviour).partial().shape,
    crash: z.boolean().optional().meta({ description: 'One instance exits at this moment, and is started again.' }),
    gone: z.boolean().optional().meta({ description: 'Everything of it is away at this moment: somebody stopped it.' }),
  })
  .meta({ id: 'Change', description: 'from a moment on it behaves otherwise; keys as in Build' })

export type Build = z.output<typeof Build>
export type Behaviour = Build
export type Change = z.output<typeof Change>
export type When = z.output<typeof When>
