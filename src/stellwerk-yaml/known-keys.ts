/** Which keys may stand where, read from the JSON Schema: what a message about an unknown key needs to be helpful. */
import type { JsonSchema } from './json-schema.ts'
import type { PathPart } from './problem.ts'

export type KnownKeys = {
  /** Keys of the map at `path`; `value` says which adapter or metric is meant where there are several. */
  readonly at: (path: readonly PathPart[], value: unknown) => readonly string[]
  /** Every other place where `key` would be right: `rollout`, `components.*.health`. */
  readonly placesOf: (key: string) => readonly string[]
}

export function knownKeys(file: JsonSchema): KnownKeys {
  const places = new Map<string, Set<string>>()
  const { environments: _, ...sections } = file.properties ?? {}
  collect({ ...file, properties: sections }, '', { places, defs: file.$defs ?? {} })
  return {
    at: (path, value) =>
      keysOf(
        path.reduce<readonly JsonSchema[]>((nodes, part) => nodes.flatMap((node) => step(node, part, file)), [file]),
        value,
        file,
      ),
    placesOf: (key) => [...(places.get(key) ?? [])],
  }
}

type Index = { readonly places: Map<string, Set<string>>; readonly defs: Readonly<Record<string, JsonSchema>> }

function collect(schema: JsonSchema, path: string, index: Index): void {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    index.places.set(key, (index.places.get(key) ?? new Set()).add(path))
    collect(value, path ? `${path}.${key}` : key, index)
  }
  if (typeof schema.additionalProperties === 'object') collect(schema.additionalProperties, `${path}.*`, index)
  if (schema.items) collect(schema.items, `${path}[]`, index)
  for (const branch of branches(schema)) collect(branch, path, index)
}

function step(schema: JsonSchema, part: PathPart, file: JsonSchema): readonly JsonSchema[] {
  const own = typeof part === 'number' ? schema.items : (schema.properties?.[part] ?? schema.additionalProperties)
  const here = typeof own === 'object' ? [resolve(own, file)] : []
  return [...here, ...branches(schema).flatMap((branch) => step(resolve(branch, file), part, file))]
}

function keysOf(schemas: readonly JsonSchema[], value: unknown, file: JsonSchema): readonly string[] {
  const maps = schemas
    .flatMap((schema) => [schema, ...flatBranches(schema, file)])
    .filter(({ properties }) => properties)
  const meant = maps.filter(({ properties }) => fits(properties!, value))
  return [...new Set((meant.length > 0 ? meant : maps).flatMap(({ properties }) => Object.keys(properties!)))]
}

function flatBranches(schema: JsonSchema, file: JsonSchema): readonly JsonSchema[] {
  return branches(schema)
    .map((branch) => resolve(branch, file))
    .flatMap((branch) => [branch, ...flatBranches(branch, file)])
}

/** Does `value` carry the `kind` (or `metric`) that this branch is for? A metric with a `query` is one's own. */
function fits(properties: Readonly<Record<string, JsonSchema>>, value: unknown): boolean {
  const hasQuery = (value as Readonly<Record<string, unknown>> | null)?.['query'] !== undefined
  if (properties['metric'] && hasQuery !== (properties['query'] !== undefined)) return false
  return ['kind', 'metric'].every((key) => {
    const wanted = properties[key]
    const found = (value as Readonly<Record<string, unknown>> | null)?.[key]
    if (wanted?.const !== undefined) return wanted.const === found
    return wanted?.enum === undefined || wanted.enum.includes(found)
  })
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? []
}

function resolve(schema: JsonSchema, file: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '')
  return name === undefined ? schema : (file.$defs?.[name] ?? schema)
}
