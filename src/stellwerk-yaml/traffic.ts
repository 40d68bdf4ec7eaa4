import { z } from 'zod'
import { Percentage } from './percentage.ts'

/** What users usually do to a component in one environment. It decides nothing; `plan` and `validate` judge the rules by it. */
export const Traffic = z
  .strictObject({
    requestsPerSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .meta({ description: 'Requests of all users, at the hour in which you release.', unit: 'requests/s' }),
    errorRate: Percentage.meta({ description: 'Share of them that fail while everything is as it should be.' }),
  })
  .meta({
    description: '`plan` then says what each step can see. What was measured since the last release goes before it.',
    source: 'R-E03',
  })
