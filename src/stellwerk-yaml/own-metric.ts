/** `analysis` entries with `query`: numbers of the service's own. */
import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { Deadline } from './duration.ts'
import { Name } from './name.ts'
import { Percentage } from './scalars.ts'
import { Quantity } from './quantity.ts'

/** What Stellwerk measures by itself; `info-logs` is not among them, for logs may be counted elsewhere. */
export const BUILT_IN = [
  'error-rate',
  'latency-p50',
  'latency-p95',
  'latency-p99',
  'readiness-flapping',
  'memory',
] as const
const OWN_NAME = expected(say`a name of your own, not ${BUILT_IN.join(', ')}`)
const QUERY = expected(say`a query in PromQL`)

const Trigger = z
  .strictObject({
    above: Quantity.optional().meta({ description: 'Rolled back when every sample is above this …' }),
    below: Quantity.optional().meta({ description: '… or when every sample is below this (free disk) …' }),
    for: Deadline.meta({ description: '… throughout a window of this length.' }),
  })
  .refine(
    ({ above, below }) => (above === undefined) !== (below === undefined),
    expected(say`either \`above\` or \`below\``),
  )

export const OwnMetric = z.strictObject({
  metric: Name.refine((name) => !(BUILT_IN as readonly string[]).includes(name), OWN_NAME).meta({
    description: 'Your name for it, such as `token-reuse`.',
    source: 'R-E04',
  }),
  query: z
    .string(QUERY)
    .regex(/\S/, QUERY)
    .max(4096)
    .meta({
      description:
        'PromQL that returns one number. `$slot`, `$service`, `$environment` and `$component` are filled in; with ' +
        '`$slot` it is asked of both slots, without it it is one number of the whole service.',
      source: 'R-E04',
    }),
  unit: z.enum(['number', 'ratio', 'percent', 'seconds', 'milliseconds', 'bytes']).optional().meta({
    description:
      'What the query returns; `ratio` is 0-1, `percent` 0-100. Default: as the limit is written (5% ratio, 400ms seconds, 1GB bytes).',
  }),
  component: Name.optional().meta({ description: 'The component it is judged with. Default: all that get traffic.' }),
  maxAge: Deadline.optional().meta({
    description: 'Older samples are no evidence. Default: three scrape intervals; more for recording rules.',
    source: 'R-E07',
  }),
  max: Quantity.optional().meta({
    description: 'No advance while the mean of the step, or its newest value, is above this.',
    source: 'R-E06',
  }),
  min: Quantity.optional().meta({ description: 'No advance while either is below this.', source: 'R-E08' }),
  trigger: Trigger.optional().meta({ description: 'When to roll back.', source: 'R-E08' }),
  relativeTo: z.enum(['live', 'before']).optional().meta({
    description: '`live`: the live slot now (needs `$slot`). `before`: what it was before the first shift.',
    source: 'R-E04',
  }),
  margin: Percentage.optional().meta({
    description: 'Rolled back when the mean of the window is worse by more than this …',
  }),
  slack: Quantity.optional().meta({
    description: '… and this together; for numbers that are near 0, where any rise exceeds any margin.',
  }),
  worse: z.enum(['higher', 'lower', 'either']).optional().meta({
    description: 'Which difference is worse. Default: `higher`; `either` is "unchanged".',
  }),
  for: Deadline.optional().meta({ description: 'Length of that window.' }),
  silence: Deadline.optional().meta({
    description: 'Rolled back when the query returns nothing above 0 for this long.',
    source: 'R-E07',
  }),
})
export type OwnMetric = z.output<typeof OwnMetric>
