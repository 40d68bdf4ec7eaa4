import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { Deadline, Duration } from './duration.ts'
import { BUILT_IN, OwnMetric } from './own-metric.ts'
import { SEGMENTS_MAX } from '../core/analysis/sequential/options.ts'
import { Percentage, Size } from './scalars.ts'

function trigger(value: z.ZodType<number>) {
  return z
    .strictObject({
      above: value.meta({ description: 'Rolled back when the value is above this …' }),
      for: Deadline.meta({ description: '… over a whole window of this length.' }),
    })
    .optional()
    .meta({ description: 'When to roll back.', source: 'R-E02' })
}

function max(value: z.ZodType<number>) {
  return value
    .optional()
    .meta({ description: 'No advance while the value of the step is above this.', source: 'R-E01' })
}

const relative = {
  relativeTo: z
    .enum(['live', 'before'])
    .optional()
    .meta({ description: '`live`: the live slot now. `before`: live before the first shift.', source: 'R-E03' }),
  margin: Percentage.optional().meta({ description: 'Rolled back when worse than the other side by more than this …' }),
  for: Deadline.optional().meta({ description: '… over a whole window of this length.' }),
}

const sequential = {
  compare: z.literal('sequential').optional().meta({
    description: 'Rolled back when worse than live, or than `max`, beyond chance, however often it is judged.',
    source: 'R-E03',
  }),
  tolerance: Percentage.optional().meta({
    description:
      'With `compare`: how much worse than live is no reason to go back (20% of the odds of an error, 10% of a latency).',
  }),
}

const ErrorRate = z.strictObject({
  metric: z.literal('error-rate').meta({ description: 'Share of requests answered 5xx or past their deadline.' }),
  max: max(Percentage),
  trigger: trigger(Percentage),
  ...relative,
  ...sequential,
})

const Latency = z.strictObject({
  metric: z.enum(['latency-p50', 'latency-p95', 'latency-p99']).meta({ description: 'Quantile of response times.' }),
  max: max(Duration),
  trigger: trigger(Duration),
  ...relative,
  ...sequential,
})

const Flapping = z.strictObject({
  metric: z.literal('readiness-flapping').meta({
    description: 'Share of readiness probes that failed after the first success.',
    source: 'R-E05',
  }),
  max: max(Percentage),
  trigger: trigger(Percentage),
})

const Memory = z.strictObject({
  metric: z.literal('memory').meta({ description: 'Largest resident memory of one instance.', source: 'R-E08' }),
  max: max(Size),
  trigger: trigger(Size),
})

const InfoLogs = z.strictObject({
  metric: z.literal('info-logs').meta({ description: 'Lines that the candidate logs.', source: 'R-E07' }),
  silence: Deadline.meta({
    description: 'Rolled back when the candidate logs nothing for this long.',
    source: 'R-E07',
  }),
})

const METRICS = expected(say`one of ${[...BUILT_IN, 'info-logs'].join(', ')}; or a name of your own, with \`query\``)
const Measured = z.discriminatedUnion('metric', [ErrorRate, Latency, Flapping, Memory, InfoLogs], { error: METRICS })
export type MeasuredEntry = z.output<typeof Measured>

/**
 * One rule: a limit (`max`, `trigger` or both), a comparison (`relativeTo`, `margin` and `for`; or `compare`), or
 * `silence`. Which of these an entry is, and that it is exactly one, `analysisProblems` in checks.ts keeps.
 */
export const AnalysisEntry = z.union([Measured, OwnMetric])
export type AnalysisEntry = z.output<typeof AnalysisEntry>

const Rules = z
  .array(AnalysisEntry)
  .min(1)
  .max(50)
  .meta({ description: 'What the candidate is judged by; at least one rule, since no evidence is never a pass.' })

const NAME = expected(say`a method and a pattern of paths such as "GET /orders/:id", or a label's value, on one line`)
const SHARED = expected(say`at most ${SEGMENTS_MAX} in all`)

const Segments = z
  .strictObject({
    routes: z
      .array(z.string(NAME).regex(/^\S[^\n\r\0]{0,199}$/, NAME))
      .max(SEGMENTS_MAX, SHARED)
      .prefault([])
      .meta({
        description:
          'Routes of your own: `GET /orders/:id`, `* /static/*`; the first that fits counts a request. With `segmentLabel` of a Prometheus: values of that label.',
      }),
    learn: z
      .int(SHARED)
      .min(0, SHARED)
      .max(SEGMENTS_MAX, SHARED)
      .optional()
      .meta({
        description: `How many more: those with the most requests. Default: as many as make ${SEGMENTS_MAX} with \`routes\`.`,
      }),
  })
  .refine(({ routes, learn = 0 }) => routes.length + learn <= SEGMENTS_MAX, SHARED)

/** A list is short for a map of its `rules` (`environments.ts`). */
export const Analysis = z
  .strictObject(
    {
      rules: Rules,
      warmUp: Duration.optional().meta({
        description:
          'How long after its first users the candidate is not compared with live (`compare: sequential`), since it may just be starting; only more than 15 % errors, or more than half of the requests slow, count against it. Default: `60s`.',
        source: 'R-E03',
      }),
      patience: Duration.optional().meta({
        description:
          'How long a difference from live is held that breaks no limit (`compare: sequential`). It takes the candidate back only if the newest requests still show it then: caches fill, and what is over is no regression. `0s`: at once. Default: `10m`.',
        source: 'R-E03',
      }),
      segments: Segments.optional().meta({
        description:
          'What of the traffic is compared by itself as well (`compare: sequential`): a dead route is lost in the errors of all. Default: the routes with the most requests, where the router counts. `{ learn: 0 }`: none.',
        source: 'R-E03',
      }),
    },
    expected(say`a list of rules, or a map with \`rules\``),
  )
  .meta({
    description:
      'What the candidate is judged by, and how long it may take to warm up. `analysis: […]` is short for `analysis: { rules: […] }`. The first table is also of numbers of your own (rules with `query`), the others are of what Stellwerk measures.',
    source: 'R-E01',
  })
