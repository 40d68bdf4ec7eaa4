/** What a scenario says of routes, against the routes that its traffic has. */
import { say } from '../../core/say.ts'
import { type Finding, type MapNode, nodeAt } from '../../stellwerk-yaml/tree.ts'
import { percentageText } from '../../stellwerk-yaml/scalars.ts'
import type { Components } from './components.ts'
import type { Scenario } from './schema.ts'

type Path = readonly (string | number)[]
type Errors = { readonly errorsOn?: Readonly<Record<string, number>> | undefined }
type At = { readonly path: Path; readonly behaviour: Errors }

/** Errors on a route that nobody asks for would change nothing. */
export function strangeRoutes(scenario: Scenario, root: MapNode): readonly Finding[] {
  const { routes } = scenario.traffic
  const known = Object.keys(routes)
  const strangers = behavioursOf(scenario).flatMap(({ path, behaviour }) =>
    Object.keys(behaviour.errorsOn ?? {})
      .filter((name) => !known.includes(name))
      .map((name) => strange([...path, 'errorsOn', name], name, { known, root })),
  )
  return [...tooMuch(routes, root), ...strangers]
}

type Among = { readonly known: readonly string[]; readonly root: MapNode }

function strange(path: Path, name: string, { known, root }: Among): Finding {
  const node = nodeAt(root, path) ?? root
  const suggestion =
    known.length === 0
      ? say`name it and its share of the traffic first: \`traffic: { routes: { ${name}: 5% } }\``
      : say`known: ${known.join(', ')}`
  return {
    at: node.keyAt,
    path: node.path,
    message: say`nobody asks for the route "${name}" in this scenario`,
    suggestion,
  }
}

function tooMuch(routes: Scenario['traffic']['routes'], root: MapNode): readonly Finding[] {
  const sum = Object.values(routes).reduce((all, share) => all + share, 0)
  if (sum <= 1 + 1e-9) return []
  const node = nodeAt(root, ['traffic', 'routes']) ?? root
  const message = say`the shares of the routes are ${percentageText(sum)} of the traffic together, more than there is`
  return [
    { at: node.keyAt, path: node.path, message, suggestion: say`make them 100% or less; what is left is on no route` },
  ]
}

function behavioursOf({ live, releases }: Scenario): readonly At[] {
  const before = live === 'nothing' ? [] : partsOf(live, ['live'])
  return [...before, ...releases.flatMap((release, index) => partsOf(release, ['releases', index]))]
}

type Parts = { readonly build: Errors; readonly changes: readonly Errors[]; readonly components: Components }

function partsOf({ build, changes, components }: Parts, path: Path): readonly At[] {
  return [
    { path: [...path, 'build'], behaviour: build },
    ...changes.map((behaviour, index) => ({ path: [...path, 'changes', index], behaviour })),
    ...Object.entries(components).flatMap(([name, component]) =>
      component === 'none' ? [] : [{ path: [...path, 'components', name, 'build'], behaviour: component.build }],
    ),
  ]
}
