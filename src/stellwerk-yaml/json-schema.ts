/**
 * The same zod schemas as JSON Schema (draft 2020-12): for editors, for the reference page, and to know which keys stand
 * where when a key is misspelt.
 */
import { z } from 'zod'
import type { AdapterSchemas } from './adapter-options.ts'
import { Name } from './name.ts'
import { buildSpecSchema } from './spec.ts'

/** The part of JSON Schema that zod writes and that we read. */
export type JsonSchema = {
  readonly [keyword: string]: unknown
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly description?: string
  readonly default?: unknown
  readonly source?: string
  readonly unit?: string
}

/**
 * Of stellwerk.yaml as a file: layers in which only lists, being replaced whole, must be complete. An environment's section
 * is the same schema as the one at the top level, and refers to it.
 */
export function specJsonSchema(adapters: AdapterSchemas): JsonSchema {
  const { properties, ...file } = relax(wholeJsonSchema(adapters))
  const { service, environments, ...sections } = properties!
  const same = Object.fromEntries(Object.keys(sections).map((name) => [name, { $ref: `#/properties/${name}` }]))
  const layer = { ...(environments!.additionalProperties as JsonSchema), properties: same }
  return {
    ...file,
    title: 'stellwerk.yaml',
    properties: { service: service!, ...sections, environments: { ...environments, additionalProperties: layer } },
    required: ['service', 'components', 'environments'],
  }
}

/** The same for editors: `analysis` as a list is short for a map of its `rules` (`environments.ts`). */
export function editorSchema(adapters: AdapterSchemas): JsonSchema {
  const { properties = {}, ...file } = specJsonSchema(adapters)
  const { description, ...long } = properties['analysis']!
  const analysis = { ...(description === undefined ? {} : { description }), anyOf: [long.properties!['rules']!, long] }
  return { ...file, properties: { ...properties, analysis } }
}

/** Of the sections as they must be when all layers are merged. */
export function wholeJsonSchema(adapters: AdapterSchemas): JsonSchema {
  const sections = buildSpecSchema(adapters)
  const layer = z
    .strictObject(sections)
    .meta({ description: 'What differs in this environment; merged over the top level.' })
  const file = z.strictObject({
    service: Name.meta({ description: 'What is released.' }),
    ...sections,
    environments: z
      .record(Name, layer)
      .meta({ description: 'The places a release enters, in order.', source: 'R-A01' }),
  })
  return z.toJSONSchema(file, { io: 'input' }) as JsonSchema
}

/** In a map that is merged nothing is required of one layer, and an adapter's `kind` may stand in the other. */
function relax(schema: JsonSchema, insideList = false): JsonSchema {
  const { oneOf, required, ...rest } = schema
  const each = (map: Readonly<Record<string, JsonSchema>> | undefined, inside: boolean) =>
    map && Object.fromEntries(Object.entries(map).map(([key, value]) => [key, relax(value, inside)]))
  return dropUndefined({
    ...rest,
    required: insideList ? required : undefined,
    properties: each(schema.properties, insideList),
    $defs: each(schema.$defs, true),
    patternProperties: hasExtensions(schema) ? { '^x-': {} } : undefined,
    additionalProperties:
      typeof schema.additionalProperties === 'object'
        ? relax(schema.additionalProperties, insideList)
        : schema.additionalProperties,
    items: schema.items && relax(schema.items, true),
    anyOf: (schema.anyOf ?? oneOf)?.map((branch) => relax(branch, insideList)),
  })
}

/** Maps with fixed keys, and maps of names, may hold `x-` keys; where any text is a key, `x-` means nothing. */
function hasExtensions(schema: JsonSchema): boolean {
  const names = schema['propertyNames'] as JsonSchema | undefined
  return schema.additionalProperties === false || names?.$ref === '#/$defs/Name'
}

function dropUndefined(schema: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined)) as JsonSchema
}
