/** A section's JSON Schema → the rows of its table, and a table of its own for every adapter, metric or kind. */
import type { JsonSchema } from './json-schema.ts'

export type Row = {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly unit: string
  readonly description: string
  readonly source: string
}

export type Variant = { readonly title: string; readonly description: string; readonly rows: readonly Row[] }

/** Rows of everything below `path` but what depends on a `kind`. */
export function rowsOf(path: string, schema: JsonSchema, file: JsonSchema): readonly Row[] {
  const inner = [schema.items ? rowsOf(`${path}[]`, schema.items, file) : []]
  if (typeof schema.additionalProperties === 'object') inner.push(recordRows(path, schema.additionalProperties, file))
  const branches = variantBranches(schema) ? [] : (schema.anyOf ?? schema.oneOf ?? [])
  return [
    ...propertyRows(path, schema, file),
    ...inner.flat(),
    ...branches.flatMap((branch) => rowsOf(path, branch, file)),
  ]
}

function propertyRows(path: string, schema: JsonSchema, file: JsonSchema): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const isRequired = schema.required?.includes(key) ?? false
    return [row(`${path}.${key}`, value, isRequired, file), ...rowsOf(`${path}.${key}`, value, file)]
  })
}

function recordRows(path: string, value: JsonSchema, file: JsonSchema): readonly Row[] {
  return value.properties ? propertyRows(`${path}.NAME`, value, file) : []
}

function row(key: string, schema: JsonSchema, isRequired: boolean, file: JsonSchema): Row {
  const fallback =
    schema.default === undefined ? (isRequired ? 'required' : '') : `\`${JSON.stringify(schema.default)}\``
  return {
    key,
    type: typeText(schema),
    fallback: fallback === '`{}`' ? '' : fallback,
    unit: resolve(schema, file).unit ?? '',
    description: schema.description ?? '',
    source: schema.source ?? '',
  }
}

/** The schema with what it refers to; its own words win. */
export function resolve(schema: JsonSchema, file: JsonSchema): JsonSchema {
  const { $ref, ...own } = schema
  const target = $ref === undefined ? undefined : file.$defs?.[$ref.replace('#/$defs/', '')]
  return target ? { ...resolve(target, file), ...own } : own
}

function typeText(schema: JsonSchema): string {
  const { $ref, type, items, additionalProperties } = schema
  if ($ref) return $ref.replace('#/$defs/', '')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  const branches = schema.anyOf ?? schema.oneOf
  if (variantBranches(schema)) return 'map by `kind`'
  if (branches) return [...new Set(branches.map(typeText))].join(' or ')
  if (type === 'array') return items ? `list of ${typeText(items)}` : 'list'
  if (type === 'object')
    return typeof additionalProperties === 'object' ? `map of ${typeText(additionalProperties)}` : 'map'
  return { string: 'text', integer: 'whole number', boolean: 'true or false' }[type ?? ''] ?? type ?? 'any JSON value'
}

/** Branches that are told apart by `kind` or `metric`, or null when this is no such union. */
function variantBranches(schema: JsonSchema): readonly JsonSchema[] | null {
  const branches = (schema.anyOf ?? schema.oneOf)?.filter(({ properties }) => properties)
  const isUnion = branches && branches.length > 0 && branches.every((branch) => discriminator(branch) !== null)
  return isUnion ? branches : null
}

function discriminator({
  properties,
}: JsonSchema): { readonly key: string; readonly values: readonly unknown[] } | null {
  for (const key of ['kind', 'metric']) {
    const value = properties?.[key]
    if (value?.const !== undefined) return { key, values: [value.const] }
    if (value?.enum) return { key, values: value.enum }
  }
  return null
}

export function variantsOf(path: string, schema: JsonSchema, file: JsonSchema): readonly Variant[] {
  const own = (variantBranches(schema) ?? []).map((branch) => variant(path, branch, file))
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
    variantsOf(`${path}.${key}`, value, file),
  )
  const record =
    typeof schema.additionalProperties === 'object' ? variantsOf(`${path}.NAME`, schema.additionalProperties, file) : []
  const items = schema.items ? variantsOf(`${path}[]`, schema.items, file) : []
  const branches = variantBranches(schema) ? [] : (schema.anyOf ?? schema.oneOf ?? [])
  return [...own, ...inner, ...record, ...items, ...branches.flatMap((branch) => variantsOf(path, branch, file))]
}

function variant(path: string, branch: JsonSchema, file: JsonSchema): Variant {
  const { key, values } = discriminator(branch)!
  const kind = branch.properties![key]!
  const names = values.map((value) => `\`${key}: ${String(value)}\``).join(', ')
  const { [key]: _, ...properties } = branch.properties!
  const source = kind.source ? ` (${kind.source})` : ''
  return {
    title: `\`${path}\` with ${names}`,
    description: `${kind.description ?? ''}${source}`,
    rows: rowsOf(path, { ...branch, properties }, file),
  }
}
