import { z } from 'zod'
import { Name } from './name.ts'

const HOLDER = 'a pseudonymous id such as alex, or group:backend'

/**
 * Who holds which role: `{ release-captain: [alex, group:backend] }`. Ids, never names or addresses: the plan stands in the
 * log for ever (law L11).
 */
export const People = z
  .record(
    Name,
    z
      .array(
        z
          .string(HOLDER)
          .regex(/^(group:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, HOLDER)
          .meta({ id: 'Holder', description: HOLDER }),
      )
      .min(1)
      .max(200),
  )
  .meta({
    description: 'Who holds which role. Ids of people or `group:` and a group; no e-mail addresses.',
    source: 'R-C01',
  })
