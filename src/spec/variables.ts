import { z } from 'zod'
import { VariableName } from './name.ts'

const VALUE = 'text (put numbers and booleans in quotes)'

/** `{ LOG_LEVEL: info }`: plain configuration of the instances. Secrets are not variables: see `secrets`. */
export const Variables = z
  .record(VariableName, z.string(VALUE).max(32_768))
  .meta({ id: 'Variables', description: VALUE })
