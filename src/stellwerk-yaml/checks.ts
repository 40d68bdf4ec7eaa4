/**
 * What one section cannot know of another: names that must exist, orders that must not run in circles. Each check looks only
 * at sections that could be read, so that one mistake does not hide the next.
 */
import { say } from '../core/say.ts'
import type { AdapterSchemas } from './adapter-options.ts'
import { analysisProblems, windowProblems } from './analysis-checks.ts'
import { componentProblems, deployOrder } from './component-checks.ts'
import { type CheckProblem, type PartialSpec, unknownName } from './check-problem.ts'
import { peopleProblems } from './people-checks.ts'
import { cookieProblems, listenProblems } from './listen-checks.ts'
import { ownMetricProblems } from './own-source-checks.ts'
import type { PathPart } from './problem.ts'
import { secretProblems } from './secret-checks.ts'
import { segmentProblems } from './segment-checks.ts'
import { smokeProblems } from './smoke-checks.ts'

/** Problems within one section. What was wrong in itself is taken out of `spec`; nothing is said of it twice. */
export function sectionProblems(spec: PartialSpec, adapters: Pick<AdapterSchemas, 'routers'>): readonly CheckProblem[] {
  return [
    ...componentProblems(spec.components, spec.variables),
    ...(spec.components ? cookieProblems(spec.components, adapters.routers) : []),
    ...(spec.components ? listenProblems(spec.components, adapters.routers) : []),
    ...stepProblems(spec.rollout),
    ...bakeProblems(spec.rollout),
    ...analysisProblems(spec.analysis),
  ]
}

/** Problems between sections; one that could not be read whole is undefined. */
export function crossProblems(spec: PartialSpec, adapters: Pick<AdapterSchemas, 'metrics'>): readonly CheckProblem[] {
  return [
    ...windowProblems(spec),
    ...segmentProblems(spec),
    ...smokeProblems(spec),
    ...referenceProblems(spec),
    ...approvalProblems(spec),
    ...peopleProblems(spec),
    ...secretProblems(spec),
    ...ownMetricProblems(spec, adapters.metrics),
  ]
}

function stepProblems(rollout: PartialSpec['rollout']): readonly CheckProblem[] {
  const steps = rollout?.steps ?? []
  const problems: CheckProblem[] = []
  for (const [index, weight] of steps.entries()) {
    if (weight <= (steps[index - 1] ?? 0)) {
      const message = say`expected more than the ${steps[index - 1] ?? 0}% of the step before, found ${weight}%`
      problems.push({ path: ['rollout', 'steps', index], message })
    }
  }
  if (steps.length > 0 && steps.at(-1) !== 100) {
    const message = say`the last step must be 100%, found ${steps.at(-1)!}%`
    problems.push({ path: ['rollout', 'steps', steps.length - 1], message, suggestion: say`add 100% as the last step` })
  }
  return problems
}

/** The share of the bake grows like every other one. */
function bakeProblems(rollout: PartialSpec['rollout']): readonly CheckProblem[] {
  const before = rollout?.steps.at(-2) ?? 0
  const control = rollout?.bake.control ?? 0
  if (control === 0 || 100 - control > before) return []
  const message = say`${control}% on live leave the candidate ${100 - control}%, no more than the ${before}% of the step before the last one`
  const suggestion = say`choose a smaller share, or leave out the step of ${before}%`
  return [{ path: ['rollout', 'bake', 'control'], message, suggestion }]
}

function referenceProblems({ components, migrations, rollback, gates }: PartialSpec): readonly CheckProblem[] {
  if (!components) return []
  const names = Object.keys(components)
  const users: readonly { readonly path: readonly PathPart[]; readonly component: string }[] = [
    ...(migrations ? [{ path: ['migrations', 'component'], component: migrations.component }] : []),
    ...(gates ?? []).flatMap(({ component }, index) => {
      return typeof component === 'string' ? [{ path: ['gates', index, 'component'], component }] : []
    }),
    ...(rollback?.mitigate ?? []).map(({ component }, index) => ({
      path: ['rollback', 'mitigate', index, 'component'],
      component,
    })),
  ]
  return [
    ...users.flatMap(({ path, component }) => unknownName(path, 'component', component, names)),
    ...gateSecretProblems({ components, gates }),
    ...gateScriptProblems(gates),
  ]
}

/** A command gate gets by name what its component has; what nobody has it would wait for in vain. */
function gateSecretProblems({ components, gates }: Pick<PartialSpec, 'components' | 'gates'>): readonly CheckProblem[] {
  return (gates ?? []).flatMap(({ component, secrets }, index) => {
    const { order } = deployOrder(components ?? {})
    const owner = typeof component === 'string' ? component : order[0]
    const known = owner !== undefined && components?.[owner]
    if (!Array.isArray(secrets) || !known) return []
    const names = Object.keys(known.secrets)
    return secrets.flatMap((name, at) => unknownName(['gates', index, 'secrets', at], 'secret', String(name), names))
  })
}

/** A path in a command means a file of `folder`: without one it starts in an empty folder. */
function gateScriptProblems(gates: PartialSpec['gates']): readonly CheckProblem[] {
  return (gates ?? []).flatMap(({ kind, run, folder }, index) => {
    if (kind !== 'command' || folder !== undefined || typeof run !== 'string' || !/^\.{1,2}\//.test(run)) return []
    const message = say`"${run.split(/\s/)[0]!}" is in no folder: a command gate runs in an empty one unless it names its own`
    return [{ path: ['gates', index, 'run'], message, suggestion: say`add folder: ops, with the script in it` }]
  })
}

function approvalProblems({ approvals, people }: PartialSpec): readonly CheckProblem[] {
  const seen = new Set<string>()
  return (approvals ?? []).flatMap(({ role, at }, index) => {
    const path: readonly PathPart[] = ['approvals', index]
    const twice = seen.has(`${at} ${role}`)
    seen.add(`${at} ${role}`)
    if (twice) return [{ path, message: say`${role} is asked at ${at} twice; one approval is given once` }]
    return people ? unknownName([...path, 'role'], 'role', role, Object.keys(people)) : []
  })
}
