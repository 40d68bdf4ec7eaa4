/** Whether somebody can be asked the queries of the spec's own metrics, and of which component. */
import { joined } from './expected.ts'
import { say } from '../core/say.ts'
import type { MetricsSchema } from './adapter-options.ts'
import { type CheckProblem, type PartialSpec, unknownName } from './check-problem.ts'

export function ownMetricProblems(
  { analysis, metrics, components }: PartialSpec,
  sources: readonly MetricsSchema[],
): readonly CheckProblem[] {
  const asked = (analysis?.rules ?? []).flatMap((entry, index) => ('query' in entry ? [{ entry, index }] : []))
  const asking = sources.filter(({ queries }) => queries === true).map(({ kind }) => kind)
  const isDeaf = metrics !== undefined && !asking.includes(metrics.kind)
  return asked.flatMap(({ entry, index }) => [
    ...(isDeaf ? [deaf(index, metrics.kind, asking)] : []),
    ...(components && entry.component !== undefined ? ofNobody(index, entry.component, components) : []),
  ])
}

function deaf(index: number, kind: string, asking: readonly string[]): CheckProblem {
  return {
    path: ['analysis', 'rules', index, 'query'],
    message: say`\`metrics: { kind: ${kind} }\` answers no queries, so nobody could be asked this one`,
    suggestion: say`say \`metrics: { kind: ${joined(asking, (left, right) => say`${left} or ${right}`)}, … }\``,
  }
}

function ofNobody(
  index: number,
  component: string,
  components: NonNullable<PartialSpec['components']>,
): readonly CheckProblem[] {
  const path = ['analysis', 'rules', index, 'component']
  const known = unknownName(path, 'component', component, Object.keys(components))
  if (known.length > 0 || components[component]?.router) return known
  const message = say`the component "${component}" has no router, so that users never meet its candidate and it is not judged`
  return [{ path, message, suggestion: say`leave \`component\` out, or name one that has` }]
}
