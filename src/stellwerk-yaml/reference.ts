/** The reference page of stellwerk.yaml, out of the same schemas that read it. */
import type { AdapterSchemas } from './adapter-options.ts'
import { type JsonSchema, wholeJsonSchema } from './json-schema.ts'
import { INTRODUCTION, SECTION_ORDER } from './reference-text.ts'
import { resolve, type Row, rowsOf, variantsOf } from './reference-rows.ts'

export function specReference(adapters: AdapterSchemas): string {
  const file = wholeJsonSchema(adapters)
  const properties = file.properties ?? {}
  const rest = Object.keys(properties).filter((name) => !SECTION_ORDER.includes(name))
  const sections = [...SECTION_ORDER, ...rest].flatMap((name) => sectionText(name, properties[name], file))
  return `${[INTRODUCTION, ...sections, ...valueTypes(file)].join('\n\n')}\n`
}

/** One key of a file with its table, and one table more for every kind of adapter. */
export function sectionText(name: string, schema: JsonSchema | undefined, file: JsonSchema): readonly string[] {
  if (!schema) return []
  const isRequired = file.required?.includes(name) ?? false
  const head = [`## \`${name}\``, sentence(schema, isRequired)]
  if (name === 'environments') return head
  const rows = rowsOf(name, schema, file)
  const variants = variantsOf(name, schema, file).flatMap(({ title, description, rows }) => [
    `### ${title}`,
    ...(description ? [description] : []),
    ...table(rows),
  ])
  return [...head, ...table(rows), ...variants]
}

function sentence(schema: JsonSchema, isRequired: boolean): string {
  const { description, source, default: fallback } = schema
  const shown =
    fallback === undefined || JSON.stringify(fallback) === '{}' ? null : `Default: \`${JSON.stringify(fallback)}\`.`
  const parts = [description, isRequired ? 'Required.' : shown, source ? `(${source})` : null]
  return parts.filter((part) => part).join(' ')
}

export function table(rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return []
  const lines = rows.map(({ key, type, fallback, unit, description, source }) => {
    return `| \`${key}\` | ${[type, fallback, unit, description, source].map(cell).join(' | ')} |`
  })
  return [['| key | type | default | unit | what it does | row |', '|---|---|---|---|---|---|', ...lines].join('\n')]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** What the named types of values are. */
export function valueTypes(file: JsonSchema): readonly string[] {
  const rows = Object.entries(file.$defs ?? {}).map(([name, schema]) => {
    const { description = '', pattern } = resolve(schema, file)
    return `| ${name} | ${cell(description)} | ${pattern ? `\`${cell(String(pattern))}\`` : ''} |`
  })
  return ['## Types of values', ['| type | is | pattern |', '|---|---|---|', ...rows.toSorted()].join('\n')]
}
