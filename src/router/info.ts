/** `router.json`: how to reach the router of a data folder. Written when it listens, removed when it stops. */
import { z } from 'zod'

export const RouterInfo = z.object({
  pid: z.int(),
  /** Start time of the process in the system's own form: an id alone may be somebody else's by now. */
  processStart: z.string(),
  url: z.url(),
  token: z.string(),
})
export type RouterInfo = z.output<typeof RouterInfo>
