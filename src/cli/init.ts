import { quote, say } from '../core/say.ts'
import { resolve } from 'node:path'
import { required } from './answer.ts'
import { StellwerkError } from '../errors.ts'
import { defineVerb } from './verb.ts'

export const init = defineVerb({
  name: 'init',
  summary: say`Write a first stellwerk.yaml`,
  takes: ['service'],
  args: { folder: { description: say`Where to; default is here`, optional: true } },
  options: { force: { flags: '--force', description: say`Overwrite what is there` } },
  async run({ io, globals, screen, deps, args, options }) {
    const folder = resolve(io.cwd, args.folder ?? '.')
    const answer = await deps
      .initSpec({ folder, service: globals.service, force: options.force })
      .catch((error: unknown) => cannotWrite(folder, error))
    const { written } = required(answer, say`write the spec`, say`"stellwerk init --force" overwrites`)
    for (const file of written) screen.result(file)
    screen.progress(
      say`Next: describe your service there, then "stellwerk validate", "stellwerk artifact pin", "stellwerk up", "stellwerk deploy".`,
    )
    return 0
  },
})

/** A file in its place, a folder that nobody may write to, a full disk. */
function cannotWrite(folder: string, error: unknown): never {
  if (error instanceof StellwerkError) throw error
  const why = quote(error instanceof Error ? error.message : String(error))
  const fix = say`name a folder, new or your own: stellwerk init FOLDER`
  throw new StellwerkError('usage', { what: say`cannot write a spec into ${folder}`, why, fix }, error)
}
