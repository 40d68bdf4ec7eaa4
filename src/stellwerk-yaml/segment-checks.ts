/** Whether the source of the numbers can tell the segments that a spec asks for. */
import { say } from '../core/say.ts'
import type { CheckProblem, PartialSpec } from './check-problem.ts'
import { segmentsToldBy } from './described.ts'

/** The same as the router's own, which knows nothing of this. */
const ROUTE = /^(?:\*|[A-Z]{1,20}) \/(?:[!$-)+->@-[\]-~]*|(?:[!$-)+->@-[\]-~]*\/)?\*)$/

export function segmentProblems({ analysis, metrics }: PartialSpec): readonly CheckProblem[] {
  const { routes = [], learn } = analysis?.segments ?? {}
  if (metrics === undefined || (routes.length === 0 && !learn)) return []
  const told = segmentsToldBy(metrics)
  if (told === null) return [untold(metrics.kind)]
  const twice = routes.findIndex((route, index) => routes.indexOf(route) < index)
  if (twice >= 0) {
    const path = ['analysis', 'segments', 'routes', twice]
    return [{ path, message: say`"${routes[twice]!}" stands there twice: a request counts once` }]
  }
  if (told === 'label') return []
  return routes.flatMap((route, index) => (ROUTE.test(route) ? [] : [noRoute(route, index)]))
}

function untold(kind: string): CheckProblem {
  return {
    path: ['analysis', 'segments'],
    message: say`\`metrics: { kind: ${kind} }\` as it stands tells no segments of the traffic, so none could be judged`,
    suggestion: say`name the label that tells routes apart, \`metrics: { segmentLabel: route, … }\`, or count with \`metrics: { kind: router }\``,
  }
}

function noRoute(route: string, index: number): CheckProblem {
  return {
    path: ['analysis', 'segments', 'routes', index],
    message: say`"${route}" is no route: expected a method and a pattern of paths, with \`*\` only as the method or as the last part`,
    suggestion: say`write it like "GET /orders/:id" or "* /static/*", and letters beyond ASCII as clients send them: "/k%C3%A4se"`,
  }
}
