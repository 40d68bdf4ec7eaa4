import { say } from '../core/say.ts'
import { readVersion } from '../version.ts'
import { defineVerb } from './verb.ts'

/** Answered before it is run (`help-request.ts`): only the parser knows what to show. */
export const help = defineVerb({
  name: 'help',
  summary: say`Show all verbs, or what one of them takes`,
  args: {
    verb: { description: say`A verb, such as deploy`, optional: true },
    second: { description: say`Its second word, such as create of "token create"`, optional: true },
  },
  takes: [],
  examples: ['stellwerk help deploy', 'stellwerk help token create'],
  run: async () => 0,
})

export const version = defineVerb({
  name: 'version',
  summary: say`Show the version of this command`,
  takes: ['json'],
  async run({ screen, globals }) {
    screen.result(globals.json ? JSON.stringify({ version: readVersion() }) : readVersion())
    return 0
  },
})
