/** Specs for houses: `examples/lokaltreu/demo.yaml` with other environments, and with seconds where it has more of them. */
import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'

const DEMO = new URL('../../../examples/lokaltreu/demo.yaml', import.meta.url)

type Environment = Readonly<Record<string, unknown>>

export type SpecParts = {
  readonly environments: Readonly<Record<string, Environment>>
  readonly rollout?: Environment
  readonly rest?: Environment
}

const QUICK = {
  steps: ['50%', '100%'],
  hold: '3s',
  bake: '3s',
  rollbackWindow: '10m',
  tick: '500ms',
  poll: '200ms',
  // A busy machine may need longer until it has seen enough; a healthy release is not to end for that.
  extendTimes: 10,
  minRequests: 10,
  limits: { start: '15s', smoke: '15s', shift: '10s', drain: '4s', rollback: '20s' },
}

export function specText({ environments, rollout = {}, rest = {} }: SpecParts): string {
  const demo = parse(readFileSync(DEMO, 'utf8')) as Record<string, unknown>
  return stringify({
    ...demo,
    rollout: { ...QUICK, ...rollout },
    rollback: { watch: '2s' },
    ...rest,
    environments,
  })
}

/** One instance behind a free port; `more` goes over it. */
export function environment(more: Environment = {}, component: Environment = {}): Environment {
  return {
    components: {
      api: {
        platform: { kind: 'process', command: 'node server.js', stopGrace: '2s' },
        instances: 1,
        // A request that hangs is answered with 504 by the router before its user gives up.
        router: { kind: 'embedded', listen: '127.0.0.1:0', timeout: '4s', deadline: '2s' },
        secrets: {
          DATABASE_URL: { kind: 'env', name: 'LOKALTREU_DATABASE_URL' },
          AUTH_SECRET: { kind: 'env', name: 'LOKALTREU_AUTH_SECRET' },
        },
        ...component,
      },
    },
    gates: ['artifact-pinned', 'stable-release', { kind: 'variables', required: ['DATABASE_URL', 'AUTH_SECRET'] }],
    ...more,
  }
}
