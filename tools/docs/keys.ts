/** Keys of `stellwerk.yaml` and of scenarios, as pages name them, held against the JSON Schema. */
import { parseDocument } from 'yaml'
import type { Code } from './markdown.ts'

export type Schema = {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** `rollout.noDataFor` in prose, and the fragments in fenced YAML; whole files are validated by `test/docs`. */
export function keyProblems({ text, language }: Code, schemas: readonly Schema[]): readonly string[] {
  if (language === null) return dotted(text, schemas)
  if (language !== 'yaml' || /^service:/m.test(text)) return []
  const value: unknown = parseDocument(text).toJS()
  const problems = schemas.map((schema) => unknownKeys(value, { at: schema, root: schema, path: [] }))
  return problems.reduce((best, each) => (each.length < best.length ? each : best))
}

function dotted(text: string, schemas: readonly Schema[]): readonly string[] {
  if (
    !/^[a-z]+(\.[a-zA-Z<>*-]+)+$/.test(text) ||
    /\.(md|yaml|yml|json|ts|js|txt|sql|sh|py|key|com|internal|local)$/.test(text)
  )
    return []
  const parts = text.split('.')
  const places = schemas.filter((schema) => schema.properties?.[parts[0]!])
  const isKey = places.some((root) => leads(root, parts, root))
  return places.length === 0 || isKey ? [] : [`there is no key ${text}`]
}

/** Names of maps (`components.api`) and positions in lists may be left out, as prose does. */
function leads(schema: Schema, parts: readonly string[], root: Schema): boolean {
  const [key, ...rest] = parts
  if (key === undefined) return true
  return forms(schema, root).some((form) => {
    const named = form.properties?.[key]
    if (named && leads(named, rest, root)) return true
    const inside = [form.items, mapOf(form)].filter((each) => each !== undefined)
    return inside.some((each) => leads(each, parts, root) || (each !== form.items && leads(each, rest, root)))
  })
}

type Place = { readonly at: Schema; readonly root: Schema; readonly path: readonly string[] }

function unknownKeys(value: unknown, { at, root, path }: Place): readonly string[] {
  if (Array.isArray(value)) {
    const items = forms(at, root).flatMap(({ items }) => items ?? [])
    return value.flatMap((each) => best(items.map((item) => unknownKeys(each, { at: item, root, path }))))
  }
  if (value === null || typeof value !== 'object') return []
  const objects = forms(at, root).filter(({ properties, additionalProperties }) => properties || additionalProperties)
  return best(objects.map((form) => ofObject(value as Record<string, unknown>, { at: form, root, path })))
}

function ofObject(value: Readonly<Record<string, unknown>>, { at, root, path }: Place): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key.startsWith('x-')) return []
    const next = at.properties?.[key] ?? mapOf(at)
    if (next) return unknownKeys(inner, { at: next, root, path: [...path, key] })
    return at.additionalProperties === true ? [] : [`there is no key ${[...path, key].join('.')}`]
  })
}

/** Of several forms the one that fits most. */
function best(found: readonly (readonly string[])[]): readonly string[] {
  return found.reduce((least, each) => (each.length < least.length ? each : least), found[0] ?? [])
}

function mapOf({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

function forms(schema: Schema, root: Schema): readonly Schema[] {
  const own = schema.$ref ? forms(target(schema.$ref, root), root) : [schema]
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  return [...own, ...inner.flatMap((each) => forms(each, root))]
}

function target(ref: string, root: Schema): Schema {
  const parts = ref.replace('#/', '').split('/')
  return parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], root) as Schema
}
