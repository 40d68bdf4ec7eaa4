import { say } from '../core/say.ts'
import type { IntentName } from '../core/rollout/inputs.ts'
import { INTENTS } from '../core/rollout/intents.ts'
import type { RolloutView } from '../core/views.ts'
import { rolloutPath, servingNow, theRollout } from './client/rollouts.ts'
import { waitingLines } from './screen/rollout-block.ts'
import type { ArgSpec, GlobalKey, OptionSpec, Shell } from './verb.ts'

export const ROLLOUT_ARG = {
  description: say`The rollout; default is the only one under way (see -e, --service)`,
  optional: true,
  names: 'rollouts',
} as const satisfies ArgSpec

/** What a verb of one rollout takes. */
export const ROLLOUT_TAKES: readonly GlobalKey[] = ['environment', 'service', 'file', 'json', 'server', 'data']

export const REASON_OPTION = {
  flags: '--reason <text>',
  description: say`Why; it stays in the log for ever, so no names and no secrets`,
  required: true,
} as const satisfies OptionSpec

export type IntentRequest = {
  readonly verb: IntentName
  readonly rollout: string | undefined
  readonly body: object
}

/** Gives a person's intent to a rollout and answers the rollout as it is afterwards. */
export async function intend(shell: Shell, { verb, rollout, body }: IntentRequest): Promise<RolloutView> {
  const id = await theRollout(shell, rollout)
  return shell.client.post(rolloutPath(id, `/${verb}`), {
    doing: INTENTS[verb].doing(id),
    body,
    ...(INTENTS[verb].scope === 'intervene' && { anyVersion: true as const }),
  })
}

/** Gives the intent and says where the rollout stands now. */
export async function intendAndSay(shell: Shell, request: IntentRequest): Promise<number> {
  const view = await intend(shell, request)
  await sayState(shell, view)
  return 0
}

export async function sayState(shell: Shell, view: RolloutView): Promise<void> {
  const { globals, screen, text, io } = shell
  if (globals.json) return screen.result(JSON.stringify(view))
  screen.result(`${view.id}  ${view.service} ${view.environment}  ${view.version}  ${text.phases[view.phase]}`)
  for (const line of waitingLines(view, io.now(), text)) screen.result(line)
  screen.result(text.nowServing(await servingNow(shell, view)))
}
