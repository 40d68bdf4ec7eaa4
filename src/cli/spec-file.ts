import { say } from '../core/say.ts'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { whyUnread } from '../errors.ts'
import { GLOBAL_OPTIONS } from './globals.ts'
import { type Shell, usageError } from './verb.ts'

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
