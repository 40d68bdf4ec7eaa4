import { resolve } from 'node:path'
import { required } from './answer.ts'
import { defineVerb } from './verb.ts'

export const validate = defineVerb({
  name: 'validate',
  summary: 'Check the spec, and say with line and column what is wrong',
  async run({ io, globals, screen, deps }) {
    const answer = await deps.readSpec(resolve(io.cwd, globals.file))
    const { service, environments, components } = required(answer, `use ${globals.file}`, 'mend what is listed above')
    if (globals.json) screen.result(JSON.stringify({ ok: true, service, environments, components }))
    else {
      screen.result(`${globals.file} is valid: ${service}, components ${components.join(', ')}`)
      screen.result(`environments: ${environments.join(', ')}`)
    }
    return 0
  },
})
