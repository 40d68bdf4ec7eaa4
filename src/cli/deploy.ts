import { randomUUID } from 'node:crypto'
import type { RolloutView } from '../core/views.ts'
import type { PlanPreview, PlanRequest } from '../engine/control-plane.ts'
import { EXIT } from '../errors.ts'
import { parseDuration } from './duration.ts'
import { follow, sayCut } from './follow.ts'
import { planRequest, RELEASE_OPTIONS } from './plan-request.ts'
import { planText } from './screen/plan-text.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type OptionSpec, type Shell, usageError } from './verb.ts'

export const PATIENCE_OPTION = {
  flags: '--reconnect-limit <duration>',
  description: 'How long a lost control plane is waited for',
  default: '2m',
} as const satisfies OptionSpec

export const deploy = defineVerb({
  name: 'deploy',
  summary: 'Release an artifact into an environment, and follow it to its end',
  takes: ['environment', 'file', 'yes', 'wait', 'timeout', 'json', 'server', 'data'],
  description:
    'Shows the plan, asks, starts the rollout and follows it. The control plane owns the run: Ctrl-C only detaches. The exit code says how it ended.',
  options: {
    ...RELEASE_OPTIONS,
    detach: { flags: '--detach', description: 'Start it and do not follow (exit code 130)' },
    reconnectLimit: PATIENCE_OPTION,
  },
  examples: [
    'stellwerk deploy -e prod --artifact v1.4.0',
    'stellwerk deploy -e stage --artifact build/artifact.json --yes --no-wait --json',
  ],
  talks: true,
  async run({ options, ...shell }) {
    const patienceMs = parseDuration(options.reconnectLimit, '--reconnect-limit')
    const body = await planRequest(shell, options)
    const planned = await shell.client.post<PlanPreview>('/plan', { doing: 'plan this release', body })
    shell.screen.progress(planText(planned, shell.text, columnsOf(shell.io.stderr)))
    mustBeAskable(shell)
    if (!(await isWanted(shell, body.artifact.version, body.environment))) return EXIT.failed.code
    const { rollout, interrupted } = await start(shell, body, patienceMs)
    shell.screen.progress(shell.text.started(rollout.id))
    if (rollout.planHash !== planned.planHash) shell.screen.say(shell.text.planChanged)
    const isCut = options.detach || interrupted
    return isCut ? sayCut(shell, rollout, 'detached') : follow(shell, rollout, patienceMs)
  },
})

type Started = { readonly rollout: RolloutView; readonly interrupted: boolean }

/** Ctrl-C meanwhile waits for the answer, so that nobody is left with a rollout whose name he does not know. */
async function start({ client, io }: Shell, body: PlanRequest, patienceMs: number): Promise<Started> {
  let interrupted = false
  const release = io.onInterrupt(() => {
    interrupted = true
  })
  try {
    const call = { doing: 'start the rollout', body, key: randomUUID(), patienceMs }
    const rollout = await client.postOnce<RolloutView>('/rollouts', call)
    return { rollout, interrupted }
  } finally {
    release()
  }
}

/** Only now: what is wrong with the request matters more than that nobody can be asked about it. */
function mustBeAskable({ globals, io, commandLine }: Shell): void {
  if (globals.yes || io.canAsk) return
  throw usageError('cannot ask for confirmation', 'there is no terminal to ask on', `${commandLine} --yes`)
}

async function isWanted({ globals, io, screen, text }: Shell, version: string, environment: string): Promise<boolean> {
  if (globals.yes) return true
  const reply = await io.ask(text.confirm(version, environment))
  const isYes = ['y', 'yes', 'j', 'ja'].includes(reply?.trim().toLowerCase() ?? '')
  if (!isYes) screen.say(text.declined)
  return isYes
}
