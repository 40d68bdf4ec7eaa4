import { listed, say, verbatim } from '../core/say.ts'
import { planForecast } from '../core/forecast/plan-forecast.ts'
import type { PlanPreview } from '../engine/control-plane.ts'
import { StellwerkError } from '../errors.ts'
import { required } from './answer.ts'
import { contentProblems } from './artifact.ts'
import { planRequest, RELEASE_OPTIONS } from './plan-request.ts'
import { planText } from './screen/plan-text.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type Shell } from './verb.ts'

export const plan = defineVerb({
  name: 'plan',
  summary: say`Show what a deploy would do, step by step, and the way back from every step`,
  takes: ['environment', 'file', 'json', 'server', 'data'],
  description: say`Says what each step sees of a bad release at the traffic that the control plane measured, or the spec declares. Without a control plane, the plan is compiled locally, and says so.`,
  options: RELEASE_OPTIONS,
  examples: ['stellwerk plan -e prod --artifact v1.4.0'],
  async run({ options, ...shell }) {
    const planned = await compile(shell, await planRequest(shell, options))
    shell.screen.result(
      shell.globals.json ? JSON.stringify(planned) : planText(planned, shell.text, columnsOf(shell.io.stdout)),
    )
    return 0
  },
})

async function compile(shell: Shell, request: Parameters<Shell['deps']['compile']>[0]): Promise<PlanPreview> {
  try {
    return await shell.client.post('/plan', { doing: say`plan this release`, body: request })
  } catch (error) {
    if (!(error instanceof StellwerkError) || error.exit !== 'unreachable' || shell.globals.server !== null) throw error
    shell.screen.progress(say`No control plane here: planned locally, from the spec and the artifact alone.`)
    const planned = required(await shell.deps.compile(request), say`plan this release`, verbatim('stellwerk validate'))
    await mustBeThere(shell, request)
    return { ...planned, forecast: planForecast(planned.plan), standing: null }
  }
}

/** A control plane says this itself; without one, a folder that is gone would be found out at a gate. */
async function mustBeThere(shell: Shell, { artifact }: Parameters<Shell['deps']['compile']>[0]): Promise<void> {
  const problems = await contentProblems(shell, artifact)
  if (problems.length === 0) return
  throw new StellwerkError('usage', {
    what: say`${artifact.version} cannot be released`,
    why: listed(problems),
    fix: say`build it again and pin it, under a new version`,
  })
}
