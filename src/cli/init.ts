import { resolve } from 'node:path'
import { required } from './answer.ts'
import { StellwerkError } from '../errors.ts'
import { defineVerb } from './verb.ts'

export const init = defineVerb({
  name: 'init',
  summary: 'Write a first stellwerk.yaml',
  takes: ['service'],
  args: { folder: { description: 'Where to; default is here', optional: true } },
  options: { force: { flags: '--force', description: 'Overwrite what is there' } },
  async run({ io, globals, screen, deps, args, options }) {
    const folder = resolve(io.cwd, args.folder ?? '.')
    const answer = await deps
      .initSpec({ folder, service: globals.service, force: options.force })
      .catch((error: unknown) => cannotWrite(folder, error))
    const { written } = required(answer, 'write the spec', 'stellwerk init --force overwrites')
    for (const file of written) screen.result(file)
    screen.progress(
      'Next: describe your service there, then "stellwerk validate", "stellwerk artifact pin", "stellwerk up", "stellwerk deploy".',
    )
    return 0
  },
})

/** A file in its place, a folder that nobody may write to, a full disk. */
function cannotWrite(folder: string, error: unknown): never {
  if (error instanceof StellwerkError) throw error
  const why = error instanceof Error ? error.message : String(error)
  const fix = 'name a folder, new or your own: stellwerk init FOLDER'
  throw new StellwerkError('usage', { what: `cannot write a spec into ${folder}`, why, fix }, error)
}
