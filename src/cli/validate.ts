import { say } from '../core/say.ts'
import { resolve } from 'node:path'
import { EXIT } from '../errors.ts'
import { required } from './answer.ts'
import { warningRows } from '../text/plan/forecast.ts'
import { rowLines } from './screen/plan-text.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb } from './verb.ts'
import { mustHave } from './spec-file.ts'

export const validate = defineVerb({
  name: 'validate',
  summary: say`Check the spec, naming line and column of every error`,
  takes: ['environment', 'file', 'json'],
  description: say`Also warns of what is allowed but will disappoint: steps that see nothing at the declared traffic, rules that stop healthy releases.`,
  async run({ io, globals, screen, deps, text }) {
    const answer = await deps.readSpec(resolve(io.cwd, globals.file))
    if (!answer.ok && globals.json) {
      screen.result(JSON.stringify({ ok: false, message: answer.message, problems: answer.problems }))
      return EXIT.usage.code
    }
    const read = required(answer, say`use ${globals.file}`, null)
    const { service, environments, components } = read
    mustHave(environments, globals.environment, globals.file)
    const warnings = read.warnings()
    if (globals.json) screen.result(JSON.stringify({ ok: true, service, environments, components, warnings }))
    else {
      screen.result(say`${globals.file} is valid: ${service}, components ${components.join(', ')}`)
      screen.result(say`environments: ${environments.join(', ')}`)
      const rows = rowLines(warningRows(warnings, text), columnsOf(io.stdout))
      if (rows.length > 0) screen.result([text.worthALook, ...rows].join('\n'))
    }
    return 0
  },
})
