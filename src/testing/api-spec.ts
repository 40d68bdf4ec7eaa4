/**
 * For tests: requests held against the machine-readable description of an API. The descriptions stand beside the repository
 * (`../shared/specs`); where they are not, whoever asks is told so and skips.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'

const FOLDER = join(import.meta.dirname, '../../../shared/specs')

export type ApiSpec = {
  /** Why nothing can be held against it; false: it is there. */
  readonly skip: string | false
  /** What is wrong with the value; nothing when all is well, or when the description is not there. */
  readonly problems: (value: unknown) => readonly string[]
}

/** `pointer`: where in the file the schema stands, `#/$defs/event`. */
export function apiSpec(file: string, pointer = '#'): ApiSpec {
  const path = join(FOLDER, file)
  if (!existsSync(path)) return { skip: `../shared/specs/${file} is not there`, problems: () => [] }
  const schema = { ...(JSON.parse(readFileSync(path, 'utf8')) as object), $id: 'spec:it' }
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  ajv.addFormat('uri', (text) => URL.canParse(text))
  ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)))
  const validate = ajv.addSchema(schema).getSchema(`spec:it${pointer}`)
  if (!validate) throw new Error(`${file} has nothing at ${pointer}`)
  return {
    skip: false,
    problems: (value) =>
      validate(value) ? [] : validate.errors!.map((error) => `${error.instancePath} ${error.message}`),
  }
}
