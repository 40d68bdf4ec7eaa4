import { z } from 'zod'
import { Name } from './name.ts'

const Approval = z.strictObject({
  role: Name.meta({ description: 'A role of `people`.', source: 'R-C03' }),
  at: z.enum(['start', 'go-no-go']).prefault('start').meta({
    description:
      '`start`: into this environment. `go-no-go`: the last word before it. Both are asked at the same moment, and each needs a yes of its own.',
    source: 'R-C02',
  }),
})

export const Approvals = z.array(Approval).max(20).prefault([]).meta({
  description: 'Who must consent before anything is deployed. Nobody approves their own release.',
  source: 'R-C03',
})
