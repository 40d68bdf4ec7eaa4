/** How a scenario has to end. */
import { z } from 'zod'
import { Deadline } from '../../stellwerk-yaml/duration.ts'
import { Label, Name } from '../../stellwerk-yaml/name.ts'
import { NUMBER, Version } from './build.ts'

const Ending = z.strictObject({
  end: z.enum(['finalized', 'rolled-back', 'aborted', 'needs-human']).meta({ description: 'How it ends.' }),
  within: Deadline.optional().meta({ description: 'At the latest so long after it was asked for.' }),
  decidedWithin: Deadline.optional().meta({
    description: 'From the first users on it until the decision to take it back.',
  }),
  trafficBackWithin: Deadline.optional().meta({
    description: 'From the decision to roll back until no user is on it.',
  }),
  because: Label.optional().meta({ description: 'Text that its reason contains.' }),
})

export const Expect = z.strictObject({
  releases: z.record(Version, Ending).meta({ description: 'How each release ends.' }),
  serves: z
    .union([Version, z.literal('maintenance')])
    .optional()
    .meta({ description: 'What all users get at the end.' }),
  components: z
    .record(Name, z.union([Version, z.enum(['maintenance', 'nothing'])]))
    .optional()
    .meta({
      description:
        'What users of a component get at the end, or which version of it runs where it has no router; `nothing`: it is not there.',
    }),
  badAnswers: z.int(NUMBER).min(0, NUMBER).optional().meta({ description: 'At most so many 5xx answers to users.' }),
  lost: z
    .int(NUMBER)
    .min(0, NUMBER)
    .optional()
    .meta({ description: 'At most so many requests that nothing could answer.' }),
  recreated: z.int(NUMBER).min(0, NUMBER).optional().meta({
    description: 'At most so many instances started beyond the first start of each release.',
  }),
})

export type Expect = z.output<typeof Expect>
