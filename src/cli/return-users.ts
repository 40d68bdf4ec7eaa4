/** The verbs that bring users back: each demands the way back and follows it to its end. */
import { say } from '../core/say.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import { getRollout } from './client/rollouts.ts'
import { PATIENCE_OPTION } from './deploy.ts'
import { parseDuration } from './duration.ts'
import { follow, sayCut } from './follow.ts'
import { intend, type IntentRequest, REASON_OPTION, ROLLOUT_ARG } from './intend.ts'
import { defineVerb, type Shell } from './verb.ts'

export const abort = defineVerb({
  name: 'abort',
  summary: say`Give up a rollout, and follow it until nothing of it is left`,
  takes: ['environment', 'service', 'file', 'wait', 'timeout', 'json', 'server', 'data'],
  description: say`Before any traffic nothing changes for users; afterwards it is a rollback. Exit code 0: users are off it.`,
  args: { rollout: ROLLOUT_ARG },
  options: { reason: REASON_OPTION, reconnectLimit: PATIENCE_OPTION },
  talks: true,
  run: ({ args, options: { reason, reconnectLimit }, ...shell }) =>
    returnUsers(shell, { verb: 'abort', rollout: args.rollout, body: { reason } }, reconnectLimit),
})

export const rollback = defineVerb({
  name: 'rollback',
  summary: say`Return users to the previous version, and follow it to its end`,
  takes: ['environment', 'service', 'file', 'wait', 'timeout', 'json', 'server', 'data'],
  description: say`Works on a finalized rollout too, while its rollback window is open. Waits for nobody. Exit code 0: users are back.`,
  args: { rollout: ROLLOUT_ARG },
  options: {
    reason: REASON_OPTION,
    cause: {
      flags: '--cause <cause>',
      description: say`person, incident or security-finding`,
      default: 'person',
      choices: ['person', 'incident', 'security-finding'],
    },
    reconnectLimit: PATIENCE_OPTION,
  },
  examples: ['stellwerk rollback --reason "checkout answers 500"'],
  talks: true,
  run: ({ args, options: { reason, cause, reconnectLimit }, ...shell }) =>
    returnUsers(shell, { verb: 'roll-back', rollout: args.rollout, body: { reason, cause } }, reconnectLimit),
})

/** Ends after which users are where this command wanted them: not on the candidate. */
const WANTED: readonly number[] = [EXIT.failed.code, EXIT.gate.code, EXIT.rolledBack.code, EXIT.held.code]

/** Demands the way back and follows it to its end: 0 when users are off the candidate and nothing is left over. */
async function returnUsers(shell: Shell, request: IntentRequest, reconnectLimit: string): Promise<number> {
  const patienceMs = parseDuration(reconnectLimit, '--reconnect-limit')
  const { id, updatedAt } = await intend(shell, request)
  const view = await getRollout(shell.client, id)
  if (!shell.globals.wait) return sayCut(shell, view, 'detached')
  const code = await follow(shell, view, patienceMs, updatedAt)
  if (WANTED.includes(code)) return EXIT.done.code
  if (code !== EXIT.done.code) return code
  const fix = say`"stellwerk watch ${id}", then "stellwerk rollback ${id} --reason …"`
  throw new StellwerkError('failed', { what: say`${id} was not rolled back`, why: say`it is finalized`, fix })
}
