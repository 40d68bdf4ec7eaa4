import { say } from '../core/say.ts'
import { type CheckProblem, type PartialSpec, unknownName } from './check-problem.ts'
import type { PathPart } from './problem.ts'
import type { SmokeCheck } from './smoke.ts'

type Components = NonNullable<PartialSpec['components']>

export function smokeProblems({ smoke, components, rollout }: PartialSpec): readonly CheckProblem[] {
  const names = new Set<string>()
  return (smoke ?? []).flatMap((check, index) => {
    const path: readonly PathPart[] = ['smoke', index]
    const problems = [...requestProblems(check, path), ...(components ? targetProblems(check, path, components) : [])]
    if (rollout && check.timeout > rollout.limits.smoke) {
      const message = say`one request may not wait longer than the whole suite (rollout.limits.smoke)`
      problems.push({ path: [...path, 'timeout'], message })
    }
    if (check.name !== undefined && names.has(check.name)) {
      problems.push({ path: [...path, 'name'], message: say`another check is called "${check.name}" already` })
    }
    if (check.name !== undefined) names.add(check.name)
    return problems
  })
}

function requestProblems(check: SmokeCheck, path: readonly PathPart[]): CheckProblem[] {
  const method = check.http.split(' ')[0]!
  if (check.body === undefined || !['GET', 'HEAD'].includes(method)) return []
  return [{ path: [...path, 'body'], message: say`a ${method} request carries no body`, suggestion: say`use POST` }]
}

/** The component a check is for: the one it names, or the only one with a router; null when that is not clear. */
export function smokeComponent(check: SmokeCheck, components: Components): string | null {
  if (check.component !== undefined) return check.component
  const routed = Object.keys(components).filter((name) => components[name]!.router !== undefined)
  return routed.length === 1 ? routed[0]! : null
}

function targetProblems(check: SmokeCheck, path: readonly PathPart[], components: Components): readonly CheckProblem[] {
  const routed = Object.keys(components).filter((name) => components[name]!.router !== undefined)
  const name = smokeComponent(check, components)
  if (name === null) {
    const message = say`more than one component has a router: \`component\` must say which one is asked`
    return routed.length === 0 ? [] : [{ path, message, suggestion: say`one of ${routed.join(', ')}` }]
  }
  if (!Object.hasOwn(components, name))
    return unknownName([...path, 'component'], 'component', name, Object.keys(components))
  if (!routed.includes(name)) {
    return [{ path: [...path, 'component'], message: say`${name} has no router, so no request reaches it` }]
  }
  return Object.entries(check.headers).flatMap(([header, value]) =>
    typeof value === 'string'
      ? []
      : unknownName(
          [...path, 'headers', header, 'secret'],
          'secret',
          value.secret,
          Object.keys(components[name]!.secrets),
        ),
  )
}
