import { say } from '../core/say.ts'
import { randomUUID } from 'node:crypto'
import type { RolloutView } from '../core/views.ts'
import type { PlanPreview, PlanRequest } from '../engine/control-plane.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import { isConfirmed, mustBeAskable } from './ask.ts'
import { pipelineFacts } from './build-facts.ts'
import { parseDuration } from './duration.ts'
import { GLOBAL_OPTIONS } from './globals.ts'
import { follow, sayCut } from './follow.ts'
import { planRequest, RELEASE_OPTIONS, type ReleaseOptions } from './plan-request.ts'
import { CI_OPTIONS, tellCi } from './summary.ts'
import { type AskedPlan, confirmationText, planCommand } from './screen/plan-text.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type OptionSpec, type Shell } from './verb.ts'

export const PATIENCE_OPTION = {
  flags: '--reconnect-limit <duration>',
  description: say`How long to wait for a control plane that was lost`,
  default: '2m',
} as const satisfies OptionSpec

export const deploy = defineVerb({
  name: 'deploy',
  summary: say`Release an artifact into an environment, and follow it to its end`,
  takes: ['environment', 'file', 'yes', 'wait', 'timeout', 'json', 'server', 'data'],
  description: say`Shows the plan, asks, starts the rollout and follows it. The control plane owns the run: Ctrl-C only detaches. The exit code says how it ended.`,
  options: {
    ...RELEASE_OPTIONS,
    detach: { flags: '--detach', description: say`Start it, but do not follow it (exit code 130)` },
    reconnectLimit: PATIENCE_OPTION,
    run: {
      flags: '--run <url>',
      description: say`Where the CI run that asks can be looked at. Default: from the variables of GitHub, GitLab or Forgejo`,
    },
    ...CI_OPTIONS,
  },
  examples: [
    'stellwerk deploy -e prod --artifact v1.4.0',
    'stellwerk deploy -e stage --artifact build/artifact.json --yes --no-wait --json',
  ],
  talks: true,
  async run({ options, ...shell }) {
    const patienceMs = parseDuration(options.reconnectLimit, '--reconnect-limit')
    const body = await planRequest(shell, options)
    const planned = await shell.client.post<PlanPreview>('/plan', { doing: say`plan this release`, body })
    shell.screen.progress(
      confirmationText(planned, planCommand(asCommanded(shell, options)), shell.text, columnsOf(shell.io.stderr)),
    )
    mustBeAllowed(planned)
    mustBeAskable(shell)
    const { confirm, declined } = shell.text
    if (!(await isConfirmed(shell, confirm(body.artifact.version, body.environment), declined))) return EXIT.failed.code
    const run = options.run ?? pipelineFacts(shell.io.env).buildUrl?.value ?? null
    const asked = { ...body, expectedPlanHash: planned.planHash, run }
    const { rollout, interrupted } = await start(shell, asked, patienceMs)
    shell.screen.progress(shell.text.started(rollout.id))
    const isCut = options.detach || interrupted
    const code = isCut ? sayCut(shell, rollout, 'detached') : await follow(shell, rollout, patienceMs)
    await tellCi(shell, rollout.id, options)
    return code
  },
})

/** What was shown is what runs: the control plane refuses another plan. */
type Asked = PlanRequest & { readonly expectedPlanHash: string; readonly run: string | null }

function asCommanded({ globals }: Shell, { artifact, flag }: ReleaseOptions): AskedPlan {
  const file = globals.file === GLOBAL_OPTIONS.file.default ? null : globals.file
  return { environment: globals.environment ?? '', artifact, flag, file }
}

/** Said before anybody is asked for a yes. */
function mustBeAllowed({ standing }: PlanPreview): void {
  if (standing?.kind !== 'refused') return
  throw new StellwerkError('notAllowed', {
    what: say`cannot start the rollout`,
    why: standing.said,
    fix: say`stellwerk policy diff, then ask whoever may set policies`,
  })
}

type Started = { readonly rollout: RolloutView; readonly interrupted: boolean }

/** Ctrl-C meanwhile waits for the answer, so that nobody is left with a rollout whose name he does not know. */
async function start({ client, io }: Shell, body: Asked, patienceMs: number): Promise<Started> {
  let interrupted = false
  const release = io.onInterrupt(() => {
    interrupted = true
  })
  try {
    const call = { doing: say`start the rollout`, body, key: randomUUID(), patienceMs }
    const rollout = await client.postOnce<RolloutView>('/rollouts', call)
    return { rollout, interrupted }
  } finally {
    release()
  }
}
