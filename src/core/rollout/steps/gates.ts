import { listed, saidOr, say } from '../../say.ts'
import { type RolloutState, approvalOpen } from '../state.ts'
import { done, fail, lastFailure, order, type ForwardKind, wait } from '../step-kind.ts'

/** `gates`: the ids of those that are checked here; absent: all. */
type Gates = { readonly kind: 'gates'; readonly gates?: readonly string[] }

/** All gates are asked at once. A red one ends the release; one that could not find out is asked again until the deadline. */
export const gates = {
  phase: 'gates',
  name: ({ gates: ids }) => (ids === undefined ? 'gates' : `gates ${ids.join(', ')}`),
  waitsFor: ({ gates: ids }) => (ids === undefined ? say`the gates` : say`the gates ${ids.join(', ')}`),
  looks: 'never',
  asks: true,
  beforeTraffic: true,
  limitMs: (_, state) => state.plan.timings.gatesLimitMs,
  run: (step, state) => {
    const here = gatesHere(step, state)
    const verdicts = here.map(({ id }) => state.gates[id] ?? null)
    const red = verdicts.find((verdict) => verdict?.outcome === 'fail')
    if (red) return fail('gate', say`gate "${red.rule}" is red: ${saidOr(red.said, red.text)}`, red)
    if (verdicts.every((verdict) => verdict?.outcome === 'pass')) {
      return { move: 'done', verdicts: verdicts.filter((verdict) => verdict !== null) }
    }
    const open = here.filter(({ id }) => state.gates[id]?.outcome !== 'pass')
    return order(...open.map(({ id }) => ({ type: 'CheckGate', gate: id }) as const))
  },
  expire: (step, state) => {
    const open = gatesHere(step, state)
      .filter(({ id }) => state.gates[id]?.outcome !== 'pass')
      .map(({ id }) => id)
    const why = open.map((id) => {
      const verdict = state.gates[id]
      return verdict ? saidOr(verdict.said, verdict.text) : say`${id}${lastFailure(state, 'CheckGate')}`
    })
    return fail('gate', say`no evidence from ${open.map((id) => `"${id}"`).join(', ')} in time: ${listed(why)}`)
  },
} as const satisfies ForwardKind<Gates>

/** Those that run something of the requester's come after the approvals, in a step of their own. */
function gatesHere({ gates: ids }: Gates, { plan }: RolloutState) {
  return ids === undefined ? plan.gates : plan.gates.filter(({ id }) => ids.includes(id))
}

/** Waits for people. What was approved must be exactly what runs, and still count when it is used (law L7). */
export const approvals = {
  phase: 'approvals',
  waitsFor: () => say`approvals`,
  looks: 'never',
  asks: true,
  beforeTraffic: true,
  limitMs: (_, state) => state.plan.timings.approvalsLimitMs,
  run: (_, state, now) => (state.plan.approvals.every(({ id }) => !approvalOpen(state, id, now)) ? done : wait),
  expire: (_, state, now) => {
    const open = state.plan.approvals.filter(({ id }) => approvalOpen(state, id, now)).map(({ role }) => role)
    return fail('deadline', say`nobody approved as ${open.join(', ')} in time`)
  },
} as const satisfies ForwardKind<{ kind: 'approvals' }>
