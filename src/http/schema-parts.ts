import { z } from '@hono/zod-openapi'
import type { Instant } from '../core/time.ts'
import type { Sentence, Told } from '../core/say.ts'

const PARTS = 'Names and amounts as they are, other sentences, and quotations: `{ "quote": "somebody else\'s words" }`.'

export const SentenceBody: z.ZodType<Sentence> = z
  .object({
    says: z.string().openapi({ description: 'The kind of sentence, with numbered places: `{0} is unknown: {1}`.' }),
    of: z.array(z.any()).openapi({ description: PARTS }),
  })
  .openapi('Sentence', { description: 'The text beside it as data, from which other languages say it.' })

export const SaidBody: z.ZodType<Told> = z
  .union([SentenceBody, z.object({ quote: z.string() }).openapi('Quotation')])
  .openapi('Said')

/** Milliseconds since the Unix epoch. */
export const Moment = z
  .number()
  .int()
  .openapi({ description: 'Milliseconds since the Unix epoch.' }) as z.ZodType<number> as z.ZodType<Instant>
