/** One act of the demo: a release, followed on the screen until it has ended. */
import type { RolloutView } from '../../core/views.ts'
import type { Built } from './example.ts'
import type { Stage } from './stage.ts'
import { delay } from '../../timers.ts'

export type Act = {
  readonly build: Built
  readonly view: RolloutView
  /** Largest share of new sessions that the candidate was ever observed with, percent. */
  readonly highestWeight: number
  readonly tookMs: number
}

const LOOK_EVERY_MS = 250
/** No act takes a quarter of this; a demo that hangs is a failed demo. */
const ACT_LIMIT_MS = 180_000

const ACTOR = { id: 'person:you', roles: ['release-captain'] }

export type Watch = { readonly shown: (view: RolloutView) => void; readonly signal: AbortSignal }

export async function release(stage: Stage, name: string, { shown, signal }: Watch): Promise<Act> {
  const build = stage.builds.find((one) => one.build.name === name)
  if (!build) throw new Error(`no build "${name}"`)
  const { controlPlane } = stage.running
  const began = performance.now()
  const asked = await controlPlane.request(await stage.request(build), ACTOR, null)
  if (!asked.ok)
    throw new Error([asked.message, ...asked.problems.map(({ where, message }) => `${where} ${message}`)].join('\n'))
  let highestWeight = 0
  for (;;) {
    const looked = await controlPlane.rollout(asked.value.id)
    if (!looked.ok) throw new Error(looked.message)
    highestWeight = Math.max(highestWeight, looked.value.candidate.weight)
    shown(looked.value)
    const tookMs = performance.now() - began
    if (looked.value.final) return { build, view: looked.value, highestWeight, tookMs }
    if (tookMs > ACT_LIMIT_MS)
      throw new Error(`${asked.value.id} is still ${looked.value.phase} after ${ACT_LIMIT_MS} ms`)
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}
