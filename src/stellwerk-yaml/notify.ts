import { expected } from './expected.ts'
import { MESSAGE_NAMES, PRIORITIES } from '../core/rollout/message.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import type { AdapterOptions } from '../core/plan.ts'

/** Every topic a message can be asked for by: the priorities, the messages by name, `*` for all. */
export const TOPICS = ['*', ...PRIORITIES, ...MESSAGE_NAMES] as const

const EXPECTED = expected(say`"*", or topics such as "P1,P2" (${TOPICS.slice(1).join(', ')})`)
const Topic = z.enum(TOPICS)

/** `"P1,P2"` or a list, read as a list. */
const Topics = z.union([
  z.codec(z.string(EXPECTED).regex(/^[^,]+(,[^,]+)*$/, EXPECTED), z.array(Topic), {
    decode: (text, context) => {
      const topics = text.split(',').map((topic) => topic.trim())
      const unknown = topics.filter((topic) => !Topic.safeParse(topic).success)
      if (unknown.length > 0) context.issues.push({ code: 'custom', input: text, message: EXPECTED })
      return topics as (typeof TOPICS)[number][]
    },
    encode: (topics) => topics.join(','),
  }),
  z.array(Topic).min(1),
])

export function notifySchema(to: z.ZodType<AdapterOptions>) {
  return z
    .array(
      z.strictObject({
        on: Topics.meta({ description: `What to be told: ${EXPECTED}.`, source: 'R-G03' }),
        to: to.meta({ description: 'Where the message goes.' }),
        language: z.enum(['en', 'de']).prefault('en').meta({ description: 'In which language: English or German.' }),
      }),
    )
    .max(50)
    .prefault([])
    .meta({ description: 'Whom to tell of what.', source: 'R-G03' })
}
