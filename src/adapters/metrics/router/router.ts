/** The router's own counts and latencies per slot: the metrics source that needs nothing to be set up. */
import { z } from 'zod'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import { failure } from '../../../ports/result.ts'
import { metricsSource } from '../../kit.ts'

const options = z.strictObject({
  kind: z.literal('router').meta({ description: "The router's own counts and latencies." }),
})

export const routerMetrics = metricsSource({
  kind: 'router',
  options,
  planned: options,
  describe: () => ({ ...NOTHING_OUTSIDE, name: 'router', countedBy: 'router', everyMs: null, segments: 'routes' }),
  create: (_, { target: { component }, router }) => ({
    name: 'router',
    collect: async (signal, _queries, segments) => {
      if (signal.aborted) return failure('transient', 'router: the look at it was cut short before it began')
      const found = await router()
      if (found?.counts) return found.counts(signal, segments)
      const why = found === null ? 'has no router' : 'has a router that counts nothing'
      return failure('permanent', `${component} ${why}: say \`metrics: { kind: prometheus, … }\``)
    },
  }),
})
