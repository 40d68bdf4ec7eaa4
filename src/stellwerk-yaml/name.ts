import { expected, foundWrong } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { splitCommand } from './argv.ts'

const NAME = expected(
  say`a name of lower-case letters, digits and dashes that starts with a letter (at most 40 characters)`,
)
const VARIABLE = expected(say`a variable name of letters, digits and underscores that does not start with a digit`)
/** Control characters, spelt so that validators with and without Unicode patterns read the same. */
const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f`
const LABEL = expected(say`a text of one line`)
const FOLDER = expected(say`a folder below the one of stellwerk.yaml, such as ops/gates`)
const PATH = expected(say`a path such as /health`)
const LINE = expected(say`a command on one line, run without a shell`)

/** Name of a service, an environment, a component or a role: `release-captain`. Stands in URLs and folders. */
export const Name = z
  .string(NAME)
  .regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, NAME)
  .meta({ id: 'Name', description: NAME })

/** `DATABASE_URL`. */
export const VariableName = z
  .string(VARIABLE)
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, VARIABLE)
  .meta({ id: 'VariableName', description: VARIABLE })

/** `"node server.js"`: started in the component's artifact folder. */
export const CommandLine = z
  .string(LINE)
  .regex(new RegExp(String.raw`^[^${CONTROL}\s]([^${CONTROL}]*[^${CONTROL}\s])?$`), LINE)
  .max(4096)
  .superRefine((text, context) => {
    const split = splitCommand(text)
    if (!split.ok) context.addIssue(foundWrong(split.said))
  })
  .meta({ id: 'CommandLine', description: LINE })

/** `gates` or `./ops/gates`: a folder below the one of stellwerk.yaml. */
export const SpecFolder = z
  .string(FOLDER)
  .regex(new RegExp(String.raw`^(?!/)(?!(?:.*/)?\.\.(?:/|$))[^${CONTROL}\\]+$`), FOLDER)
  .max(1024)
  .meta({ id: 'SpecFolder', description: FOLDER })

/** Path of an HTTP request: `/readiness`. Whatever stands behind a `#` is never sent. */
export const UrlPath = z
  .string(PATH)
  .regex(/^\/[^\s\\#]*$/, PATH)
  .max(2048)
  .meta({ id: 'UrlPath', description: PATH })

/** What people call something: one line without control characters, for they end up on terminals. */
export const Label = z
  .string(LABEL)
  .regex(new RegExp(`^[^${CONTROL}]+$`), LABEL)
  .max(200)
  .meta({ id: 'Label', description: LABEL })

/** Variables the platform sets itself; a spec that sets one of them would be overruled silently. */
export function isReservedVariable(name: string): boolean {
  return name === 'PORT' || name.startsWith('STELLWERK_')
}
