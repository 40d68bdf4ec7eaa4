import { say } from '../core/say.ts'
import { getRollout } from './client/rollouts.ts'
import { parseDuration } from './duration.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import { follow, sayCut } from './follow.ts'
import { intend, type IntentRequest } from './intend.ts'
import type { Shell } from './verb.ts'

/** Ends after which users are where this command wanted them: not on the candidate. */
const WANTED: readonly number[] = [EXIT.failed.code, EXIT.gate.code, EXIT.rolledBack.code, EXIT.held.code]

/** Demands the way back and follows it to its end: 0 when users are off the candidate and nothing is left over. */
export async function returnUsers(shell: Shell, request: IntentRequest, reconnectLimit: string): Promise<number> {
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
