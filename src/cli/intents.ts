/** What people tell a rollout under way in a word: each is one intent of the API, and what came of it is said. */
import { say } from '../core/say.ts'
import { type IntentFields, type IntentName, SAYS } from '../core/rollout/inputs.ts'
import { INTENTS } from '../core/rollout/intents.ts'
import { intendAndSay, REASON_OPTION, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb, type OptionSpec, type Verb } from './verb.ts'

/** The options by which something is said with an intent; what has none needs a verb of its own. */
const OPTIONS: { readonly [F in keyof IntentFields]?: OptionSpec } = {
  reason: REASON_OPTION,
  note: { flags: '--note <text>', description: say`What was done; it stays in the log for ever`, required: true },
}

/** The verb of an intent that needs no more than what its descriptor says. */
export function intentVerb(name: IntentName): Verb {
  const { summary, description } = INTENTS[name]
  const says: readonly (keyof IntentFields)[] = SAYS[name]
  const options = Object.fromEntries(says.map((field) => [field, optionOf(name, field)]))
  return defineVerb({
    name,
    summary,
    takes: ROLLOUT_TAKES,
    ...(description && { description }),
    args: { rollout: ROLLOUT_ARG },
    options,
    talks: true,
    run: ({ args, options, ...shell }) => {
      const body = Object.fromEntries(says.map((field) => [field, options[field]]))
      return intendAndSay(shell, { verb: name, rollout: args.rollout, body })
    },
  })
}

function optionOf(name: IntentName, field: keyof IntentFields): OptionSpec {
  const option = OPTIONS[field]
  if (!option) throw new Error(`${name} says ${field}, for which there is no option: it needs a verb of its own`)
  return option
}
