import { say, verbatim } from '../core/say.ts'
import type { RolloutPlan } from '../engine/control-plane.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import { isConfirmed, mustBeAskable } from './ask.ts'
import { rolloutPath, theRollout } from './client/rollouts.ts'
import { intendAndSay, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { approvalText } from './screen/policy-text.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, usageError } from './verb.ts'

const HASH = /^(?:sha256:)?([0-9a-f]{12,64})$/

export const approve = defineVerb({
  name: 'approve',
  summary: say`Show what is waiting for approval, and approve it`,
  takes: [...ROLLOUT_TAKES, 'yes'],
  description: say`Shows who requested it, the artifact, the whole plan and how it changes the policy in force, and asks. The approval names exactly what was shown; anything else is refused. Whoever requested the release, or wrote it, may not approve it.`,
  args: { rollout: ROLLOUT_ARG },
  options: {
    approval: { flags: '--approval <id>', description: say`Which one; default is the one you may give` },
    plan: {
      flags: '--plan <hash>',
      description: say`Only if its plan is still this one (12 digits or more of its hash)`,
    },
  },
  examples: ['stellwerk approve shop-prod-7', 'stellwerk approve shop-prod-7 --plan 3f5a90c2be11 --yes'],
  talks: true,
  async run({ args, options, ...shell }) {
    const id = await theRollout(shell, args.rollout)
    const shown = await shell.client.get<RolloutPlan>(rolloutPath(id, '/plan'), { doing: say`show the plan of ${id}` })
    mustBeThat(options.plan, shown)
    shell.screen.progress(approvalText(shown, shell.text, columnsOf(shell.io.stderr)))
    const { rollout, planHash, identity } = shown
    // What does not wait is not asked about: the refusal says what became of it.
    if (rollout.phase === 'approvals') {
      mustBeAskable(shell)
      const question = shell.text.policy.confirm(rollout.version, rollout.environment)
      if (!(await isConfirmed(shell, question, shell.text.policy.notApproved))) return EXIT.failed.code
    }
    const body = { approval: options.approval ?? null, seen: { rollout: id, identity, planHash } }
    return intendAndSay(shell, { verb: 'approve', rollout: id, body })
  },
})

function mustBeThat(wanted: string | undefined, { planHash, rollout }: RolloutPlan): void {
  if (wanted === undefined) return
  const [, digits] = HASH.exec(wanted.trim().toLowerCase()) ?? []
  if (digits === undefined)
    throw usageError(
      say`--plan "${wanted}" is not a plan hash`,
      say`it has 12 to 64 hexadecimal digits`,
      verbatim('stellwerk approve'),
    )
  if (planHash.replace(/^sha256:/, '').startsWith(digits)) return
  throw new StellwerkError('failed', {
    what: say`the plan of ${rollout.id} is not ${wanted}`,
    why: say`it is ${planHash}; nothing was approved`,
    fix: say`look at it first: stellwerk approve ${rollout.id}`,
  })
}
