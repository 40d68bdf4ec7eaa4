import { say, verbatim } from '../core/say.ts'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { whyUnread } from '../errors.ts'
import { GLOBAL_OPTIONS } from './globals.ts'
import { type Shell, usageError } from './verb.ts'
import { nearest } from '../stellwerk-yaml/suggest.ts'

/** Null where there is none and none was named: specs then come with each request. */
export async function specFile({ io, globals }: Shell): Promise<string | null> {
  const file = resolve(io.cwd, globals.file)
  try {
    await stat(file)
    return file
  } catch (error) {
    if (globals.file === GLOBAL_OPTIONS.file.default) return null
    throw usageError(say`cannot read the spec ${globals.file}`, whyUnread(error, file), say`name it with --file`)
  }
}

/** An environment that was named must be one of the spec's; `null` names none. */
export function mustHave(environments: readonly string[], named: string | null, file: string): void {
  if (named === null || environments.includes(named)) return
  const near = nearest(named, environments)
  throw usageError(
    say`there is no environment "${named}" in ${file}`,
    say`it has ${environments.join(', ')}`,
    near ? say`did you mean -e ${near}?` : verbatim(`-e ${environments[0]}`),
  )
}
