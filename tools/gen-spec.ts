/** Generates what follows from the schemas of stellwerk.yaml: the JSON Schema for editors and the reference page. */
import { registry } from '../src/adapters/registry.ts'
import { editorSchema } from '../src/stellwerk-yaml/json-schema.ts'
import { specReference } from '../src/stellwerk-yaml/reference.ts'

export type GeneratedFile = {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

export function generate(): readonly GeneratedFile[] {
  return [
    {
      path: 'docs/reference/stellwerk.schema.json',
      text: `${JSON.stringify(editorSchema(registry), null, 2)}\n`,
    },
    { path: 'docs/reference/spec.md', text: specReference(registry) },
  ]
}
