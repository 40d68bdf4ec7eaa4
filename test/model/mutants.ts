/** Mistakes that somebody could make in the decider, each as one replaced piece of its source. */
export type Mutant = {
  readonly name: string
  /** Under `src/core`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

const rollout = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  file: `rollout/${file}`,
  find,
  replace,
})

export const mutants: readonly Mutant[] = [
  rollout(
    'a pause does not stop a step from ending',
    'forward.ts',
    "state.paused && move.move === 'done' ? judged(state, now) : forwardMove(state, move, now)",
    'forwardMove(state, move, now)',
  ),
  rollout('forward steps have no deadline', 'forward.ts', '!state.paused && now >= state.step.deadline', 'false'),
  rollout('back steps have no deadline', 'backward.ts', 'now >= state.step.deadline ?', 'now < 0 ?'),
  rollout('an order without an answer is waited for for ever', 'drive.ts', 'if (late.length > 0) return late', ''),
  rollout(
    'a quarantined artifact starts',
    'drive.ts',
    'if (state.quarantined) {',
    'if (state.quarantined && now < 0) {',
  ),
  rollout('triggers are not asked', 'drive.ts', '() => turnRound(state, now),', ''),
  rollout(
    'a question to a person has no end',
    'drive.ts',
    'if (!state.paused || now < state.paused.deadline) return []',
    'return []',
  ),
  rollout(
    'an abort leaves the candidate',
    'go-back.ts',
    "kind === 'stop-candidate' || kind === 'schema'",
    "kind === 'schema'",
  ),
  rollout(
    'users on the candidate, and it is called an abort',
    'go-back.ts',
    "state.exposed ? 'rollback' : 'abort'",
    "state.back ? 'rollback' : 'abort'",
  ),
  {
    name: 'the candidate is stopped before traffic is back',
    file: 'plan.ts',
    find: "  if (exposed) back.push({ kind: 'restore-previous' }, { kind: 'traffic-back' })\n  if (started) back.push({ kind: 'stop-candidate' })",
    replace:
      "  if (started) back.push({ kind: 'stop-candidate' })\n  if (exposed) back.push({ kind: 'restore-previous' }, { kind: 'traffic-back' })",
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
    'steps/traffic.ts',
    'return candidateReady(state) ? order(...missing) : wait',
    'return order(...missing)',
  ),
  rollout('the end orders a route to nobody', 'steps/traffic.ts', 'if (!candidateReady(state)) return wait\n', ''),
  rollout(
    'a hold needs no pass',
    'steps/traffic.ts',
    "return outcome === 'pass' ? { move: 'done', verdicts } : wait",
    "return { move: 'done', verdicts }",
  ),
  rollout('a crash under traffic is overlooked', 'triggers.ts', 'crashed(state) ?? unready(state)', 'unready(state)'),
  rollout('lost readiness is overlooked', 'triggers.ts', '?? unready(state) ??', '??'),
  rollout('errors are overlooked', 'triggers.ts', '?? breached(state, now)', ''),
  rollout('a candidate that never exited counts as crashed', 'triggers.ts', 'if (exits <= 0 &&', 'if (exits < 0 &&'),
  rollout(
    'red smoke tests pass',
    'steps/smoke.ts',
    'report.passed ? done : fail(cause, redText(report, target))',
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
  rollout('one approval is enough', 'steps/gates.ts', 'state.plan.approvals.every(', 'state.plan.approvals.some('),
  rollout('the requester may approve', 'approvals.ts', 'if (by.id === state.requestedBy)', 'if (by.id === state.id)'),
  rollout(
    'an author may approve',
    'approvals.ts',
    'if (state.plan.artifact.authors.includes(by.id))',
    'if (state.plan.artifact.authors.includes(state.id))',
  ),
  rollout('another plan may be approved', 'approvals.ts', 'request.planHash !== state.planHash || ', ''),
  rollout('any role approves', 'approvals.ts', 'by.roles.includes(asked.role) ||', 'by.roles.length > 0 ||'),
  rollout('the previous release is stopped at once', 'retire.ts', '|| now < retireAt', '|| now < 0'),
  rollout(
    'it goes back after its window',
    'requests.ts',
    '  if (state.windowClosed)\n',
    '  if (state.windowClosed && state.paused)\n',
  ),
  rollout(
    'an abort is only noted',
    'requests.ts',
    "return [goBack(state, { cause: 'person', by: by.id, text: `aborted by ${by.id}: ${reason}` })]",
    'return []',
  ),
  rollout('nobody is woken at the deadline of a step', 'due.ts', 'earliest(retire, step, ', 'earliest(retire, '),
  rollout('nobody is woken when a pause ends', 'due.ts', 'state.paused?.deadline ?? null, ', ''),
  rollout('the window never closes', 'due.ts', 'earliest(retire, ', 'earliest('),
  rollout('a wish is ordered again while it is under way', 'issue.ts', 'if (pending) return []', ''),
  rollout('failed orders are repeated at once', 'issue.ts', 'after(now, pauseAfter(failed))', 'now'),
  rollout(
    'a rollback opens no incident',
    'messages.ts',
    "if (event.type !== 'RollbackTriggered' || event.data.mode === 'abort') return told",
    'return told',
  ),
  rollout(
    'nobody is told of a rollback that ended',
    'messages.ts',
    'RolledBack: (state, { reason }) => ({',
    'Resolved: (state, { note: reason }) => ({',
  ),
  rollout(
    'orders of the way forward outlive it',
    'evolve.ts',
    '    pending: onlyMessages(state.pending),\n    failures: {},\n    paused: null,',
    '    failures: {},\n    paused: null,',
  ),
  rollout(
    'traffic that is back is not noted',
    'evolve.ts',
    "data.kind === 'traffic-back' && state.back",
    "data.kind === 'traffic' && state.back",
  ),
  rollout('users on the candidate are not noted', 'evolve.ts', 'exposed: true,', 'exposed: false,'),
  rollout(
    'a slow start counts against the candidate',
    'evolve.ts',
    'unreadyLooks: 0, restartsBefore',
    'restartsBefore',
  ),
  rollout('the way back keeps a share', 'back/index.ts', 'wishedRoute(state, name, 0)', 'wishedRoute(state, name, 10)'),
  rollout(
    'a candidate counts as gone unseen',
    'back/index.ts',
    'if (left.length === 0) return done\n    if (!drained',
    'if (left.length < 2) return done\n    if (!drained',
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
  rollout('after the clock went back old looks are fresh', 'shift.ts', ', ...seenEarlier(state, ms) }', ' }'),
]
