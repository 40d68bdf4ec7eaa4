import { approvalMutants } from './mutants-approvals.ts'
import { also, rollout, within, type Mutant } from './mutant.ts'
import { ofControl } from './mutants-of-control.ts'
import { ofSets } from './mutants-of-sets.ts'

export type { Edit, Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  rollout('a pause does not stop a step from ending', 'drive.ts', " || (state.paused && move.move === 'done')", ''),
  rollout('forward steps have no deadline', 'drive.ts', '!state.paused && now >= state.step.deadline', 'false'),
  rollout('back steps have no deadline', 'drive.ts', 'now >= state.step.deadline ?', 'now < 0 ?'),
  rollout('an order without an answer is waited for for ever', 'drive.ts', 'if (late.length > 0) return late', ''),
  rollout(
    'a quarantined artifact starts',
    'drive.ts',
    'if (state.quarantined) {',
    'if (state.quarantined && now < 0) {',
  ),
  rollout('triggers are not asked', 'drive.ts', '() => turnRound(state, now, judge),', ''),
  rollout(
    'a question to a person has no end',
    'drive.ts',
    'if (!state.paused || now < state.paused.deadline) return []',
    'return []',
  ),
  rollout('an abort leaves the candidate', 'steps/stop-candidate.ts', 'beforeUsers: true', 'beforeUsers: undefined'),
  rollout(
    'users on the candidate, and it is called an abort',
    'start-rollback.ts',
    "state.exposed ? 'rollback' : 'abort'",
    "state.rollback ? 'rollback' : 'abort'",
  ),
  {
    name: 'the candidate is stopped before traffic is back',
    edits: [
      {
        file: 'rollout/steps/index.ts',
        find: "  'traffic-back': trafficBack,\n  'stop-candidate': stopCandidate,\n",
        replace: "  'stop-candidate': stopCandidate,\n  'traffic-back': trafficBack,\n",
      },
    ],
    scene: '',
  },
  rollout(
    'the weights are swapped',
    'routes.ts',
    'bySlot(state, weight, 100 - weight)',
    'bySlot(state, 100 - weight, weight)',
  ),
  rollout(
    'an old look counts as an observed route',
    'routes.ts',
    'if (!seen || seen.at < (state.step?.since ?? seen.at)) return false',
    'if (!seen) return false',
  ),
  rollout(
    'a share is ordered for an unready candidate',
    'routes.ts',
    'if (raised && !candidateReady(state)) return false',
    '',
  ),
  rollout(
    'the end orders a route to nobody',
    'steps/traffic.ts',
    'if (!candidateReady(state) || isCandidateUnseen(state)) return wait\n    if (open',
    'if (open',
  ),
  rollout(
    'a hold ends while the candidate is not ready',
    'steps/traffic.ts',
    'if (!candidateReady(state) || isCandidateUnseen(state)) return wait\n  const',
    'const',
  ),
  rollout(
    'a hold needs no pass',
    'steps/traffic.ts',
    "return judgement.outcome === 'pass' ? { move: 'done', verdicts: judgement.verdicts } : wait",
    "return { move: 'done', verdicts: judgement.verdicts }",
  ),
  rollout('a crash under traffic is overlooked', 'triggers.ts', 'crashed(state) ?? unready(state)', 'unready(state)'),
  rollout('lost readiness is overlooked', 'triggers.ts', '?? unready(state) ??', '??'),
  rollout('errors are overlooked', 'triggers.ts', '?? breached(judge(state, 0))', ''),
  rollout('a candidate that never exited counts as crashed', 'triggers.ts', 'if (exits <= 0 &&', 'if (exits < 0 &&'),
  rollout(
    'red smoke tests pass',
    'steps/smoke.ts',
    'report.passed\n      ? done\n      : fail(cause, redText(report, of ? say`${TARGET[target]} (${of.version})` : TARGET[target]))',
    'done',
  ),
  rollout(
    'a gate without evidence passes',
    'steps/gates.ts',
    "verdicts.every((verdict) => verdict?.outcome === 'pass')",
    "verdicts.every((verdict) => verdict?.outcome !== 'fail')",
  ),
  rollout(
    'a red gate is asked until it is green',
    'steps/gates.ts',
    'if (red) return fail(',
    'if (red && state.paused) return fail(',
  ),
  ...approvalMutants,
  also(
    also(
      rollout('the previous release is stopped at once', 'retire.ts', '|| now < retireAt', '|| now < 0'),
      rollout('', 'retire.ts', '?? -1) >= retireAt)', '?? -1) >= 0)'),
    ),
    rollout('', 'retire.ts', 'since: retireAt, now', 'since: 0 as Instant, now'),
  ),
  rollout(
    'it goes back after its window',
    'intents.ts',
    'return state.windowClosed ? WINDOW_CLOSED',
    'return state.windowClosed && state.paused ? WINDOW_CLOSED',
  ),
  rollout(
    'an abort is only noted',
    'intents.ts',
    "return [startRollback(state, { cause: 'person', by: by.id, said: say`aborted by ${by.id}: ${quote(reason)}` })]",
    'return []',
  ),
  rollout('nobody is woken at the deadline of a step', 'time-shift.ts', 'earliest(retire, step, ', 'earliest(retire, '),
  rollout('nobody is woken when a pause ends', 'time-shift.ts', 'state.paused?.deadline ?? null, ', ''),
  rollout('the window never closes', 'time-shift.ts', 'earliest(retire, ', 'earliest('),
  rollout('the same is ordered again while it is under way', 'orders.ts', 'if (pending) return []', ''),
  rollout('failed orders are repeated at once', 'orders.ts', 'after(now, pauseAfter(failed))', 'now'),
  rollout(
    'a rollback opens no incident',
    'incident.ts',
    "return event.data.mode === 'abort' ? null : opens(",
    'return true ? null : opens(',
  ),
  rollout(
    'nobody is told of a rollback that ended',
    'messages.ts',
    'RolledBack: (state, { reason, said }) => ({',
    'Resolved: (state, { note: reason, said }) => ({',
  ),
  rollout(
    'orders of the way forward outlive it',
    'evolve.ts',
    '    pending: messagesAndStarts(state.pending),\n    failures: {},\n    verdicts',
    '    failures: {},\n    verdicts',
  ),
  rollout(
    'traffic that is back is not noted',
    'steps/rollback.ts',
    'rollback && { ...rollback, trafficBackAt: at }',
    'rollback',
  ),
  rollout('users on the candidate are not noted', 'evolve.ts', 'exposed: true,', 'exposed: false,'),
  also(
    rollout(
      'a slow start counts against the candidate',
      'evolve.ts',
      'unreadyLooks: 0, unseen, restartsBefore',
      'unseen, restartsBefore',
    ),
    rollout('', 'evolve.ts', '!state.exposed || candidateReady(next)', 'candidateReady(next)'),
  ),
  rollout('the way back keeps a share', 'routes.ts', 'routeOf(state, part, 0)', 'routeOf(state, part, 10)'),
  rollout(
    'a candidate counts as gone unseen',
    'steps/stop-candidate.ts',
    'if (left.length === 0) return remove(state)',
    'if (left.length < 2) return remove(state)',
  ),
  rollout(
    'another release is not cleared from the slot',
    'steps/deploy.ts',
    'if (seen.value.present && seen.value.release !== state.id) return clear(',
    'if (seen.value.present && seen.value.release === state.id) return clear(',
  ),
  rollout(
    'half a start is a start',
    'steps/deploy.ts',
    'seen.ready >= step.instances) return done',
    'seen.ready >= 0) return done',
  ),
  rollout('looks are ordered without end', 'looking.ts', "if (isPending(state, 'Observe')) return []", ''),
  within(
    'the clock jumps',
    rollout('after the clock went back old looks are fresh', 'time-shift.ts', ', ...seenEarlier(state, ms) }', ' }'),
  ),
  rollout(
    'a question nobody answers is asked again for ever',
    'drive.ts',
    "return [startRollback(state, { cause: 'undecided', by: 'system', said })]",
    "return [{ type: 'Paused', data: { by: 'system', reason: english(said), deadline: now + state.plan.timings.pauseLimitMs } }]",
  ),
  within(
    'never ends',
    rollout(
      'whoever waits in the queue waits for ever',
      'drive.ts',
      "return [aborted(say`another rollout held the environment for too long`, 'queue')]",
      "return [{ type: 'RolloutQueued', data: { behind: '', deadline: now + state.plan.timings.queueLimitMs } }]",
    ),
  ),
  within(
    'two releases',
    rollout(
      'the candidate is put into the slot that serves',
      'intents.ts',
      'return stable ? otherSlot(stable.slot)',
      'return stable ? stable.slot',
    ),
  ),
  within(
    'two releases',
    rollout(
      'a release whose spare slot was taken over goes back',
      'intents.ts',
      "state.status === 'finalized' && !state.windowClosed\n",
      "state.status === 'finalized' && state.windowClosed\n",
    ),
  ),
  within(
    'two releases',
    rollout(
      'the second starts before its turn',
      'drive.ts',
      'if (!state.admitted) {',
      'if (!state.admitted && !state.step) {',
    ),
  ),
  {
    ...within(
      'components are removed',
      rollout(
        'a look that saw nothing counts as one',
        'evolve.ts',
        'routes: { ...state.routes, ...seenAll(data.routes, at) },',
        'routes: { ...seenAll({ ...Object.fromEntries(Object.entries(state.routes).map(([name, { value }]) => [name, value])), ...data.routes }, at) },',
      ),
    ),
    surprises: 1,
  },
  rollout(
    'the candidate is stopped while its last requests run',
    'steps/stop-candidate.ts',
    'if (!drained(state) && now <',
    'if (now < 0 && now <',
  ),
  {
    ...rollout(
      'a look from before a start failed still counts',
      'steps/stop-candidate.ts',
      'if (!seen || seen.doubted || seen.at <',
      'if (!seen || seen.at <',
    ),
    surprises: 2,
  },
  within(
    'with approvals',
    rollout(
      'a start under way is forgotten on the way back',
      'evolve.ts',
      'pending: messagesAndStarts(state.pending),',
      'pending: onlyMessages(state.pending),',
    ),
  ),
  rollout(
    'the previous release is not started again',
    'steps/rollback.ts',
    'if (!state.stable || waiting.length === 0) return done',
    'return done',
  ),
  rollout(
    'users are sent back to what is only starting',
    'steps/rollback.ts',
    ' || (seen?.ready === 0 && startedAgain(state, live))',
    '',
  ),
  rollout(
    'the share is not put right while it is held',
    'steps/traffic.ts',
    'if (fallen.length > 0) return orderRoutes(state, fallen)\n      return heldLongEnough',
    'return heldLongEnough',
  ),
  ...ofControl,
  rollout(
    'the smoke test of before counts for live',
    'evolve.ts',
    '    smoke: { candidate: null, live: null },\n    analysis: beginAnalysis(state, data, at),',
    '    analysis: beginAnalysis(state, data, at),',
  ),
  rollout('a promotion lasts for ever', 'evolve.ts', '    promoted: false,\n    done', '    done'),
  rollout('a look of the step before is believed', 'evolve.ts', '    pending: withoutLooks(state.pending),\n', ''),
  ...ofSets,
  rollout(
    'what cannot be seen is waited for for ever',
    'triggers.ts',
    '?? breached(judge(state, 0)) ?? withoutDataTooLong(state, now)',
    '?? breached(judge(state, 0))',
  ),
  within(
    'the first release',
    rollout('nobody is told that nothing can be seen', 'drive.ts', '() => noDataNews(state, now),', ''),
  ),
  rollout(
    'a look that failed altogether misses nothing',
    'orders.ts',
    "if (command?.type === 'Observe')",
    "if (command?.type === 'Observe' && state.paused)",
  ),
  rollout('the route of users may go unseen', 'no-data.ts', "candidate === null ? 'standby' : importance", "'standby'"),
  rollout(
    'metrics may be silent for ever',
    'no-data.ts',
    "of: 'metrics', component: id, slot: null, importance: 'slow'",
    "of: 'metrics', component: id, slot: null, importance: 'standby'",
  ),
  {
    ...within(
      'the first release',
      rollout(
        'whoever says that it shall wait is not heard',
        'no-data.ts',
        'noData?.answeredBy != null && noData.parts.includes(name)',
        'noData?.answeredBy != null && noData.parts.length > 9 && name !== ""',
      ),
    ),
    surprises: 2,
    isLong: true,
  },
  also(
    rollout(
      'a hold ends on what was seen before',
      'steps/traffic.ts',
      'if (!candidateReady(state) || isCandidateUnseen(state)) return wait\n  const',
      'if (!candidateReady(state)) return wait\n  const',
    ),
    rollout(
      '',
      'interlocks.ts',
      'const [missing] = isCandidateUnseen(state) ? unseen(state) : []',
      'const [missing] = state.paused && isCandidateUnseen(state) ? unseen(state) : []',
    ),
  ),
  rollout(
    'one look that failed is no data',
    'no-data.ts',
    'export const NO_DATA_LOOKS = 3',
    'export const NO_DATA_LOOKS = 1',
  ),
  {
    ...within(
      'with a migration',
      rollout(
        'no data before users met it counts against it',
        'no-data.ts',
        'return mapped(unseen, (each) => ({ ...each, from: at, looks: 0 }))',
        'return mapped(unseen, (each) => ({ ...each, looks: 0 }))',
      ),
    ),
    surprises: 1,
  },
  {
    ...within(
      'a component is added',
      rollout(
        'looks before users met it count against it',
        'no-data.ts',
        'return mapped(unseen, (each) => ({ ...each, from: at, looks: 0 }))',
        'return mapped(unseen, (each) => ({ ...each, from: at }))',
      ),
    ),
    surprises: 2,
  },
  {
    ...within(
      'a worker is removed',
      rollout(
        'a look with counts and one without are two orders',
        'commands.ts',
        "return command.type === 'Observe' ? LOOK : canonicalJson(command)",
        'return canonicalJson(command)',
      ),
    ),
    surprises: 2,
  },
  {
    ...within(
      'the clock jumps',
      rollout(
        'time in which nobody looked counts as no data',
        'no-data.ts',
        'from: moved(each.from),',
        'from: each.from,',
      ),
    ),
    surprises: 2,
    isLong: true,
  },
]

/** One of so many is planted by `npm test`, the others by `npm run test:long`. */
const IN_EVERY_RUN = 3

/** Whether `npm test` plants it: they judge the checker, not the product, and a minute has to be enough for that. */
export function inEveryRun({ isLong }: Mutant, index: number): boolean {
  return !isLong && index % IN_EVERY_RUN === 0
}
