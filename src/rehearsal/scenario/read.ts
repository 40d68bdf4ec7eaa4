/** Reads a scenario file: every problem at once, each with file:line:column, or a scenario that needs no doubts. */
import { say } from '../../core/say.ts'
import { z } from 'zod'
import { type Context, unknownKeys } from '../../stellwerk-yaml/explain.ts'
import type { JsonSchema } from '../../stellwerk-yaml/json-schema.ts'
import { knownKeys } from '../../stellwerk-yaml/known-keys.ts'
import { readSection } from '../../stellwerk-yaml/layers.ts'
import { type SpecProblem, show } from '../../stellwerk-yaml/problem.ts'
import { refused, type SpecText } from '../../stellwerk-yaml/read.ts'
import { type Finding, type MapNode, nodeAt, plain } from '../../stellwerk-yaml/tree.ts'
import { decodeText, parseYaml } from '../../stellwerk-yaml/yaml.ts'
import { strangeRoutes } from './routes.ts'
import { Scenario } from './schema.ts'

export type ReadScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

export function scenarioJsonSchema(): JsonSchema {
  return { ...(z.toJSONSchema(Scenario, { io: 'input' }) as JsonSchema), title: 'Stellwerk rehearsal scenario' }
}

export function readScenario({ text, file }: SpecText): ReadScenario {
  const decoded = decodeText(text)
  const parsed = decoded.ok ? parseYaml(decoded.text) : decoded
  if (!parsed.ok) return refused(parsed.findings, decoded.text, file)
  const { root } = parsed
  if (root.kind !== 'map') return refused([notAMap(root.at, plain(root))], decoded.text, file)
  const { value, findings } = readRoot(root)
  return value ? { ok: true, scenario: value } : refused(findings, decoded.text, file)
}

function notAMap(at: number, value: unknown): Finding {
  const message = say`expected a map that begins with \`scenario:\`, found ${show(value)}`
  return { at, path: [], message, suggestion: null }
}

/** Section by section, as the spec is read: what is wrong in one hides nothing in another. */
function readRoot(root: MapNode): { readonly value: Scenario | null; readonly findings: readonly Finding[] } {
  const context: Context = { root, known: knownKeys(scenarioJsonSchema()), environment: null }
  const sections = Object.entries(Scenario.shape)
  const strangers = [...root.entries.keys()].filter(
    (key) => !Object.hasOwn(Scenario.shape, key) && !key.startsWith('x-'),
  )
  const read = sections.map(([name, schema]) => [name, readSection(name, schema, context)] as const)
  const findings = [...unknownKeys([], strangers, context), ...read.flatMap(([, section]) => section.findings)]
  const scenario = Object.fromEntries(read.map(([name, section]) => [name, section.value])) as Scenario
  const found = findings.length > 0 ? findings : [...strangeReleases(scenario, root), ...strangeRoutes(scenario, root)]
  return found.length > 0 ? { value: null, findings: found } : { value: scenario, findings: [] }
}

/** A version that no release has would be a fault that never begins, or an expectation that nothing meets. */
function strangeReleases({ releases, live, people, expect }: Scenario, root: MapNode): readonly Finding[] {
  const known = releases.map(({ version }) => version)
  const twice = known.filter((version, index) => known.indexOf(version) < index)
  const named = [
    ...people.flatMap(({ release }, index) => (release ? [{ release, path: ['people', index, 'release'] }] : [])),
    ...Object.keys(expect?.releases ?? {}).map((release) => ({ release, path: ['expect', 'releases', release] })),
    ...known.flatMap((version, index) =>
      version === 'v1' && live !== 'nothing'
        ? [{ release: 'v1 beside the one that serves', path: ['releases', index, 'version'] }]
        : [],
    ),
    ...twice.map((release) => ({
      release: `${release} twice`,
      path: ['releases', known.lastIndexOf(release), 'version'],
    })),
  ]
  return named
    .filter(({ release }) => !known.includes(release))
    .map(({ release, path }) => {
      const node = nodeAt(root, path) ?? root
      const message = say`there is no release "${release}" in this scenario`
      return { at: node.keyAt, path: node.path, message, suggestion: say`known: ${known.join(', ')}` }
    })
}
