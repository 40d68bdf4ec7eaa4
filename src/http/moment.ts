import { z } from '@hono/zod-openapi'
import type { Instant } from '../core/time.ts'

/** Milliseconds since the Unix epoch. */
export const Moment = z
  .number()
  .int()
  .openapi({ description: 'Milliseconds since the Unix epoch.' }) as z.ZodType<number> as z.ZodType<Instant>
