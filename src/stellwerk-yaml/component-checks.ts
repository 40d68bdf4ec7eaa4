import { joined } from './expected.ts'
import { say } from '../core/say.ts'
import { type CheckProblem, type PartialSpec, unknownName } from './check-problem.ts'
import { isReservedVariable } from './name.ts'

type Components = NonNullable<PartialSpec['components']>

export function componentProblems(
  components: Components | undefined,
  variables: PartialSpec['variables'],
): readonly CheckProblem[] {
  const shared = reserved(variables ?? {}, ['variables'])
  if (!components) return shared
  return [
    ...shared,
    ...orderProblems(components),
    ...trafficProblems(components),
    ...expectedTrafficProblems(components),
    ...settingProblems(components),
  ]
}

function orderProblems(components: Components): readonly CheckProblem[] {
  const names = Object.keys(components)
  const unknown = names.flatMap((name) =>
    components[name]!.after.flatMap((other, index) =>
      unknownName(['components', name, 'after', index], 'component', other, names),
    ),
  )
  const { circle } = deployOrder(components)
  if (circle.length === 0) return unknown
  const message = say`the order runs in a circle: ${joined([...circle, circle[0]!], (left, right) => say`${left} after ${right}`)}`
  return [
    ...unknown,
    { path: ['components', circle[0]!, 'after'], message, suggestion: say`remove one \`after\` of it` },
  ]
}

/**
 * Names in the order in which they are deployed: what stands in `after` first, otherwise as written (R-A02). `circle` holds
 * the names of a circle, if there is one; unknown names are passed over.
 */
export function deployOrder(components: Readonly<Record<string, { readonly after: readonly string[] }>>): {
  readonly order: readonly string[]
  readonly circle: readonly string[]
} {
  const order: string[] = []
  const waiting = new Map(Object.entries(components).map(([name, { after }]) => [name, after]))
  while (waiting.size > 0) {
    const free = [...waiting].find(([, after]) => !after.some((other) => waiting.has(other)))
    if (!free) return { order, circle: circleIn(waiting) }
    order.push(free[0])
    waiting.delete(free[0])
  }
  return { order, circle: [] }
}

/** Everybody here waits for somebody here: following the waits must come back to a name seen before. */
function circleIn(waiting: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const path: string[] = []
  let name = [...waiting.keys()][0]!
  while (!path.includes(name)) {
    path.push(name)
    name = waiting.get(name)!.find((other) => waiting.has(other))!
  }
  return path.slice(path.indexOf(name))
}

function trafficProblems(components: Components): readonly CheckProblem[] {
  if (Object.keys(components).length === 0)
    return [{ path: ['components'], message: say`a service has at least one component` }]
  if (Object.values(components).every(({ router }) => !router)) {
    const message = say`no component has a router, so there is no traffic to shift and nothing to judge`
    return [{ path: ['components'], message, suggestion: say`give one component a \`router\`` }]
  }
  return []
}

function expectedTrafficProblems(components: Components): readonly CheckProblem[] {
  return Object.entries(components).flatMap(([name, { router, traffic }]) => {
    if (!traffic) return []
    const path = ['components', name, 'traffic']
    if (!router)
      return [{ path, message: say`${name} has no router, so it gets no traffic`, suggestion: say`take it away` }]
    if (traffic.errorRate < 1) return []
    return [
      { path: [...path, 'errorRate'], message: say`a service of which every request fails is not as it should be` },
    ]
  })
}

function settingProblems(components: Components): readonly CheckProblem[] {
  return Object.entries(components).flatMap(([name, { variables, secrets }]) => {
    const both = Object.keys(secrets).filter((secret) => Object.hasOwn(variables, secret))
    return [
      ...reserved(variables, ['components', name, 'variables']),
      ...reserved(secrets, ['components', name, 'secrets']),
      ...both.map((secret) => ({
        path: ['components', name, 'variables', secret],
        message: say`${secret} is a variable and a secret of the same component; only one can be its value`,
      })),
    ]
  })
}

function reserved(settings: Readonly<Record<string, unknown>>, path: readonly string[]): readonly CheckProblem[] {
  return Object.keys(settings)
    .filter(isReservedVariable)
    .map((name) => ({ path: [...path, name], message: say`${name} is set by the platform and cannot be set here` }))
}
