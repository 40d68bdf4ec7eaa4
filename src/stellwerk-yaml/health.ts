import { z } from 'zod'
import { UrlPath } from './name.ts'

export const Health = z.strictObject({
  live: UrlPath.prefault('/health').meta({ description: 'Answers 200 while the instance is alive.', source: 'R-D03' }),
  ready: UrlPath.prefault('/readiness').meta({
    description: 'Answers 200 when the instance can take requests.',
    source: 'R-D03',
  }),
})
