import { say, verbatim } from '../core/say.ts'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { PlanRequest } from '../engine/control-plane.ts'
import { whyUnread } from '../errors.ts'
import { readArtifact } from './artifact-file.ts'
import { type OptionSpec, type Shell, usageError } from './verb.ts'

/** Release inputs (R-A09): what `plan` and `deploy` take. */
export const RELEASE_OPTIONS = {
  artifact: {
    flags: '--artifact <file|version>',
    description: say`What is released: an artifact file, or a version pinned here`,
    required: true,
    names: 'versions',
  },
  flag: {
    flags: '--flag <name=value>',
    description: say`A release input, handed to the instances; may be repeated`,
    many: true,
  },
} as const satisfies Record<string, OptionSpec>

export type ReleaseOptions = { readonly artifact: string; readonly flag: readonly string[] }

export async function planRequest(shell: Shell, options: ReleaseOptions): Promise<PlanRequest> {
  const { io, globals } = shell
  const { environment } = globals
  if (environment === null) {
    throw usageError(
      say`no environment`,
      say`a release goes into one environment`,
      verbatim(`${shell.commandLine} -e prod`),
    )
  }
  const file = resolve(io.cwd, globals.file)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(
      say`cannot read the spec ${globals.file}`,
      whyUnread(error, file),
      say`"stellwerk init" writes one; --file names another`,
    )
  })
  const artifact = await readArtifact(shell, options.artifact)
  const spec = { text, file: globals.file, folder: dirname(file) }
  return { spec, environment, artifact, flags: Object.fromEntries(options.flag.map(flagPair)) }
}

function flagPair(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw usageError(
      say`--flag "${text}" cannot be read`,
      say`it must be NAME=VALUE`,
      verbatim('--flag new-checkout=on'),
    )
  }
  return [name, value]
}
