/** What takes the candidate back while users are on it; one is enough (R-F01). A pause never stops a trigger (design §6). */
import { listed, quote, saidOr, say } from '../say.ts'
import type { Judgement } from '../analysis/judge.ts'
import type { Instant } from '../time.ts'
import { withoutDataTooLong } from './no-data.ts'
import type { Judge } from './step-kind.ts'
import { candidateOf, type RolloutState, desiredInstances, type Trigger } from './state.ts'
import { exitText } from './steps/deploy.ts'

const UNREADY_LOOKS = 3

export function triggered(state: RolloutState, judge: Judge, now: Instant): Trigger | null {
  if (state.status !== 'running' || !state.exposed) return null
  return crashed(state) ?? unready(state) ?? breached(judge(state, 0)) ?? withoutDataTooLong(state, now)
}

function crashed(state: RolloutState): Trigger | null {
  for (const { name } of state.plan.components) {
    const seen = candidateOf(state, name)?.value
    if (!seen) continue
    const exits = seen.restarts - (state.restartsBefore[name] ?? 0)
    if (exits <= 0 && !seen.crashLooping) continue
    return {
      cause: 'health',
      said:
        exits === 1
          ? say`an instance of ${name} exited once under traffic${exitText(seen)}`
          : say`an instance of ${name} exited ${exits} times under traffic${exitText(seen)}`,
      verdict: null,
    }
  }
  return null
}

function unready(state: RolloutState): Trigger | null {
  if (state.unreadyLooks < UNREADY_LOOKS) return null
  const parts = state.plan.components.flatMap(({ name }) => {
    const wanted = desiredInstances(state, name)
    const seen = candidateOf(state, name)?.value
    const why = seen?.unready ? say`, ${quote(seen.unready)}` : ''
    if (wanted === 0) return []
    return [seen ? say`${name}: ${seen.ready} of ${seen.desired} ready${why}` : say`${name}: 0 of ${wanted}, gone`]
  })
  return {
    cause: 'health',
    said: say`the candidate was not ready ${state.unreadyLooks} looks in a row (${listed(parts)})`,
    verdict: null,
  }
}

function breached({ triggered: [first] }: Judgement): Trigger | null {
  if (first === undefined) return null
  const { rule, source } = first
  const said = say`${saidOr(first.said, first.text)} (rule ${rule}; source: ${quote(source)})`
  return { cause: 'limit', said, verdict: first }
}
