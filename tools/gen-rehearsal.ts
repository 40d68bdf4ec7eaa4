/** Generates what follows from the schema of scenario files: the JSON Schema for editors and the reference page. */
import { scenarioJsonSchema } from '../src/rehearsal/scenario/read.ts'
import { scenarioReference } from '../src/rehearsal/scenario/reference.ts'
import type { GeneratedFile } from './gen-spec.ts'

export function generate(): readonly GeneratedFile[] {
  return [
    {
      path: 'docs/reference/scenario.schema.json',
      text: `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`,
    },
    { path: 'docs/reference/scenario.md', text: scenarioReference() },
  ]
}
