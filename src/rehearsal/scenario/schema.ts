/**
 * What a scenario file may say: a world and what goes wrong in it. The one source of its types, of its JSON Schema and of
 * its reference page. Nothing in it names a spec's steps: moments are given by phase, so that it runs with any spec.
 */
import { expected } from '../../stellwerk-yaml/expected.ts'
import { INTENT_NAMES } from '../../core/rollout/inputs.ts'
import { say } from '../../core/say.ts'
import { z } from 'zod'
import { Deadline, Duration } from '../../stellwerk-yaml/duration.ts'
import { Label, Name } from '../../stellwerk-yaml/name.ts'
import { Percentage } from '../../stellwerk-yaml/scalars.ts'
import { Amount, Build, Change, lasts, NUMBER, Route, Share, Version, When } from './build.ts'
import { Components } from './components.ts'
import { Expect } from './expectation.ts'
import { isZone } from './zone.ts'

const LOCAL_TIME = expected(say`a local time such as 2026-01-13T20:00`)
const ZONE = expected(say`a time zone such as Europe/Berlin`)

const Release = z.strictObject({
  version: Version.meta({ description: 'What it is called.' }),
  by: Name.prefault('alex').meta({ description: 'Who asks for it.' }),
  at: When.prefault({}).meta({ description: 'When it is asked for.' }),
  build: Build.prefault({}).meta({ description: 'How it behaves.' }),
  changes: z.array(Change).prefault([]).meta({ description: 'How that changes.' }),
  components: Components,
})

const Fault = z
  .strictObject({
    ...lasts,
    in: z.enum(['router', 'platform', 'metrics', 'smoke', 'gate', 'commands', 'notifier']).meta({
      description: 'Which part of the outside.',
    }),
    orders: z.enum(['set', 'observe', 'ensure', 'stop', 'any']).prefault('any').meta({
      description:
        'Which of its orders: `set` and `observe` of a router, `ensure`, `stop` and `observe` of a platform.',
    }),
    answers: z
      .enum([
        'well',
        'transient',
        'permanent',
        'unknown',
        'lost',
        'never',
        'ignored',
        'lies',
        'stale',
        'nan',
        'restarted',
      ])
      .prefault('well')
      .meta({
        description:
          'transient, permanent: not done, and said. unknown: not done, and not said. lost: done, but the answer is lost. never: no answer. ignored: does nothing, and answers what is there. lies: does nothing, and answers as if (a router only). stale, nan, restarted: of metrics only.',
      }),
    slow: Deadline.optional().meta({ description: 'Every answer comes so much later.' }),
    times: z
      .int(NUMBER)
      .min(1, NUMBER)
      .optional()
      .meta({ description: 'Only so many orders; absent: all while it lasts.' }),
  })
  .meta({ id: 'Fault', description: 'an adapter that misbehaves' })

const Act = z
  .strictObject({
    at: When.meta({ description: 'When.' }),
    who: Name.prefault('kim').meta({ description: 'Who; pseudonymous, as everywhere.' }),
    roles: z.array(Name).prefault([]).meta({ description: 'Roles of that person.' }),
    does: z.enum(INTENT_NAMES).meta({
      description: 'What.',
    }),
    release: Version.optional().meta({ description: 'To which release; absent: the first.' }),
  })
  .meta({ id: 'Act', description: 'what a person does' })

const Traffic = z.strictObject({
  rate: Amount.prefault(50).meta({ description: 'Requests per second of all users, at the busiest time of the day.' }),
  low: Percentage.prefault('100%').meta({ description: 'Of that, what is left twelve hours from the busiest time.' }),
  peak: z
    .string('a time such as 20:00')
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, expected(say`a time such as 20:00`))
    .prefault('20:00')
    .meta({
      description: 'The busiest time of the day, in the zone of the scenario.',
    }),
  routes: z.record(Route, Share).prefault({}).meta({
    description:
      'Shares of the traffic by route, `GET /orders/:id: 5%`, named as the spec or the router names them; what is left is on none. Where the spec compares (`compare: sequential`), each is judged by itself as well.',
  }),
  bursts: z
    .array(
      z.strictObject({
        every: Deadline.meta({ description: 'From the beginning of one to the beginning of the next.' }),
        for: Deadline.meta({ description: 'How long one lasts.' }),
        times: Amount.meta({ description: 'How many times the traffic it is.' }),
      }),
    )
    .prefault([])
    .meta({ description: 'For the first `for` of `every`, so many `times` the traffic.' }),
})

export const Scenario = z.strictObject({
  scenario: Label.meta({ description: 'What it shows, in a line.' }),
  start: z
    .strictObject({
      at: z
        .string(LOCAL_TIME)
        .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, LOCAL_TIME)
        .refine((text) => !Number.isNaN(Date.parse(`${text}Z`)), LOCAL_TIME)
        .prefault('2026-01-13T20:00')
        .meta({
          description: 'Local time at which it begins.',
        }),
      zone: z.string(ZONE).refine(isZone, ZONE).prefault('Europe/Berlin').meta({ description: 'Zone of that time.' }),
    })
    .prefault({})
    .meta({ description: 'When it begins.' }),
  seed: z
    .int(NUMBER)
    .min(0, NUMBER)
    .prefault(1)
    .meta({ description: 'Same seed, same rehearsal; `--seed` overrules.' }),
  tick: Deadline.optional().meta({
    description: "Overrules the spec's `rollout.tick`, to rehearse days quickly; rules then see users less often.",
  }),
  limit: Deadline.prefault('60d').meta({ description: 'Simulated time after which the rehearsal is given up.' }),
  traffic: Traffic.prefault({}).meta({ description: 'What users do.' }),
  live: z
    .union([
      z.strictObject({
        build: Build.prefault({}).meta({ description: 'How it behaves.' }),
        changes: z.array(Change).prefault([]).meta({ description: 'How that changes.' }),
        components: Components,
      }),
      z.literal('nothing'),
    ])
    .prefault({})
    .meta({ description: 'What serves before, version v1; `nothing`: the first release ever.' }),
  releases: z
    .array(Release)
    .min(1)
    .max(10)
    .prefault([{ version: 'v2' }])
    .meta({ description: 'What is released, in this order.' }),
  faults: z.array(Fault).prefault([]).meta({ description: 'Adapters that misbehave.' }),
  gates: z
    .record(Name, z.enum(['pass', 'fail', 'no-evidence']))
    .prefault({})
    .meta({ description: 'Outcome of gates by name; all others pass.' }),
  approvals: z
    .union([
      z.strictObject({ after: Duration.meta({ description: 'From when they are asked.' }) }),
      z.literal('nobody'),
    ])
    .prefault({ after: '1m' })
    .meta({ description: 'How soon those who are asked approve.' }),
  controlPlane: z
    .array(z.strictObject({ ...lasts }))
    .prefault([])
    .meta({ description: 'When Stellwerk itself is dead, and for how long.' }),
  people: z.array(Act).prefault([]).meta({ description: 'What people do beside approving.' }),
  expect: Expect.optional().meta({ description: 'How it has to end; otherwise the exit code is that of the release.' }),
})

export type Scenario = z.output<typeof Scenario>
export type Fault = z.output<typeof Fault>
export type Act = z.output<typeof Act>
export type Release = z.output<typeof Release>
