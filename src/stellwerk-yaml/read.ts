/** Reads stellwerk.yaml: everything that is wrong with it at once, each with its place, or a `Spec` that needs no doubts. */
import { english, say } from '../core/say.ts'
import type { AdapterSchemas } from './adapter-options.ts'
import { idleStarting } from './analysis-checks.ts'
import type { CheckProblem, PartialSpec } from './check-problem.ts'
import { crossProblems, sectionProblems } from './checks.ts'
import { baseLayer, environmentLayers, frameFindings, withoutNamedExtensions } from './environments.ts'
import type { Context } from './explain.ts'
import { specJsonSchema } from './json-schema.ts'
import { type KnownKeys, knownKeys } from './known-keys.ts'
import { readSection } from './layers.ts'
import { unusedPeople } from './people-checks.ts'
import { sharedListenProblems } from './listen-checks.ts'
import { idleSecrets } from './secret-checks.ts'
import { bounded, MAX_PROBLEMS, type PathPart, pathText, type SpecProblem, show } from './problem.ts'
import { buildSpecSchema, type EnvironmentSpec, type SectionName, type Spec, type SpecSections } from './spec.ts'
import { type Finding, type MapNode, nearestNode, plain, position } from './tree.ts'
import { decodeText, parseYaml } from './yaml.ts'

export type SpecText = {
  /** As its author wrote it; bytes when it comes from a file, so that a wrong encoding is seen. */
  readonly text: string | Uint8Array
  /** For messages: `stellwerk.yaml`. */
  readonly file: string
}

export type ReadResult =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

type Reader = { readonly sections: SpecSections; readonly known: KnownKeys; readonly adapters: AdapterSchemas }

/** A reader for one set of adapters. Building it costs some milliseconds, so build one and keep it. */
export function specReader(adapters: AdapterSchemas): (source: SpecText) => ReadResult {
  const reader = { adapters, sections: buildSpecSchema(adapters), known: knownKeys(specJsonSchema(adapters)) }
  return ({ text, file }) => {
    const decoded = decodeText(text)
    const parsed = decoded.ok ? parseYaml(decoded.text) : decoded
    if (!parsed.ok) return refused(parsed.findings, decoded.text, file)
    if (parsed.root.kind !== 'map') return refused([notAMap(parsed.root.at, plain(parsed.root))], decoded.text, file)
    const root = withoutNamedExtensions(parsed.root)
    const read = readRoot(root, reader)
    if (read.findings.length > 0) return refused(read.findings, decoded.text, file)
    const locate = (environment: string, path: readonly PathPart[]) =>
      place(nearestNode(read.layers.get(environment) ?? root, path).node.at, decoded.text, file)
    return { ok: true, spec: { service: read.service, environments: read.environments, locate } }
  }
}

function readRoot(root: MapNode, reader: Reader) {
  const context = { root, known: reader.known, environment: null }
  const layers = environmentLayers(root)
  const frame = frameFindings(context, Object.keys(reader.sections))
  const base = [...frame, ...readLayer({ ...context, root: baseLayer(root) }, reader).findings]
  // Nobody is shown more than this, so fifty layers need not be read for it.
  const read = base.length > MAX_PROBLEMS ? [] : [...layers]
  const environments = read.map(([name, layer]) => {
    return { name, ...readLayer({ ...context, root: layer, environment: name }, reader) }
  })
  return {
    service: String(plain(root.entries.get('service'))),
    layers,
    environments: Object.fromEntries(environments.map(({ name, spec }) => [name, spec as EnvironmentSpec])),
    findings: [
      ...base,
      ...environments.flatMap(({ findings }) => findings),
      ...unusedPeople(
        root,
        environments.map(({ spec }) => spec),
      ),
      ...sharedFindings(environments, layers, context, reader),
    ],
  }
}

/** Between environments: they run on one machine unless their addresses say otherwise. */
function sharedFindings(
  environments: readonly { readonly name: string; readonly spec: PartialSpec }[],
  layers: ReadonlyMap<string, MapNode>,
  context: Context,
  { adapters }: Reader,
): readonly Finding[] {
  const whole = environments.flatMap(({ name, spec }) => (spec.components ? [[name, spec.components] as const] : []))
  const specs = environments.map(({ spec }) => spec)
  const idle = environments.flatMap(({ name, spec }) =>
    [...idleSecrets(specs, spec), ...idleStarting(specs, spec)].map((problem) =>
      checkFinding(problem, { ...context, root: layers.get(name)! }),
    ),
  )
  const shared = whole.flatMap(([name, components], index) =>
    sharedListenProblems(components, whole.slice(0, index), adapters.routers).map((problem) =>
      checkFinding(problem, { ...context, root: layers.get(name)! }),
    ),
  )
  return [...shared, ...idle]
}

/** Reads every section of a layer; only a whole environment is checked across sections. */
function readLayer(
  context: Context,
  { sections, adapters }: Reader,
): { spec: PartialSpec; findings: readonly Finding[] } {
  const names = Object.keys(sections) as SectionName[]
  const isBase = context.environment === null
  const results = names.map((name) => [name, readSection(name, sections[name], context, isBase)] as const)
  const findings = results.flatMap(([, result]) => result.findings)
  const spec = Object.fromEntries(results.map(([name, { value }]) => [name, value])) as PartialSpec
  if (isBase) return { spec, findings }
  const rest = Object.fromEntries(results.map(([name, result]) => [name, result.rest])) as PartialSpec
  const wrong = results.flatMap(([, result]) => result.wrong)
  const own = sectionProblems(rest, adapters).filter(({ path }) => !wrong.some((other) => isWithin(other, path)))
  const checks = [...own, ...crossProblems(spec, adapters)].map((problem) => checkFinding(problem, context))
  return { spec, findings: [...findings, ...checks] }
}

function isWithin(path: readonly PathPart[], outer: readonly PathPart[]): boolean {
  return outer.every((part, index) => path[index] === part)
}

function checkFinding({ path, message, suggestion }: CheckProblem, { root }: Context): Finding {
  const { node } = nearestNode(root, path)
  return { at: node.at, path: node.path, message, suggestion: suggestion ?? null }
}

function notAMap(at: number, value: unknown): Finding {
  return {
    at,
    path: [],
    message: say`expected a map that begins with \`service:\`, found ${show(value)}`,
    suggestion: null,
  }
}

/** In the order of the file; what several layers report of the same line is said once. */
export function refused(
  findings: readonly Finding[],
  text: string,
  file: string,
): { ok: false; problems: readonly SpecProblem[] } {
  const sorted = findings.toSorted((left, right) => left.at - right.at)
  const problems = new Map<string, SpecProblem>()
  for (const { at, path, message, suggestion } of sorted) {
    const key = `${at} ${english(message)}`
    if (problems.size > 200) break
    if (!problems.has(key))
      problems.set(key, { where: place(at, text, file), path: pathText(path), message, suggestion })
  }
  return { ok: false, problems: bounded([...problems.values()]) }
}

/** `stellwerk.yaml:7:11`. */
export function place(at: number, text: string, file: string): string {
  const { line, column } = position(text, at)
  return `${file}:${line}:${column}`
}
