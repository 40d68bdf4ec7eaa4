/**
 * What must hold whatever happens, said of outputs and of the modelled world only: the events that came out, what the
 * router really does. Each stands beside the interlocks of the core, not on them.
 */
import { type Invariant, on } from './invariant.ts'
import {
  commandUnapproved,
  cutsOff,
  noTrafficBack,
  othersChecks,
  proven,
  shareOfStep,
  startsEarly,
  stopsEarly,
  stopsPrevious,
  stopsRouted,
  sums,
  toReady,
} from './of-orders.ts'
import { ofSides } from './of-sides.ts'
import {
  orderedTwice,
  triedAtOnce,
  holdsShort,
  advancesPaused,
  endsUnseen,
  hearsStrangers,
  skipsSteps,
  backOutOfOrder,
  movesAfterEnd,
  finalizesEarly,
  lies,
} from './of-steps.ts'

import { endsWithoutData, rollsBackWithData } from './of-visibility.ts'

export const invariants: readonly Invariant[] = [
  { name: 'no hold ends while the newest look did not show the candidate', breaks: endsWithoutData },
  {
    name: 'no data takes it back in its time, and not when somebody said that it shall wait',
    breaks: (facts, event, { plan }) => rollsBackWithData(facts, event, plan),
  },
  { name: 'weights are whole and sum to 100, or to 0 under maintenance', breaks: on('SetRoute', sums) },
  { name: 'users meet the candidate only after gates, approvals and smoke', breaks: on('SetRoute', proven) },
  { name: "nothing of the requester's runs before the approvals", breaks: on('CheckGate', commandUnapproved) },
  { name: 'a share goes only to what was seen ready', breaks: on('SetRoute', toReady) },
  { name: 'the share is that of the step, and never falls forwards', breaks: on('SetRoute', shareOfStep) },
  { name: 'no traffic to the candidate once it goes back', breaks: on('SetRoute', noTrafficBack) },
  { name: 'every release is tested by its own smoke checks', breaks: on('RunSmoke', othersChecks) },
  { name: 'never stop what the router really routes to', breaks: on('StopSlot', stopsRouted) },
  { name: 'the previous release stays until its window closes', breaks: on('StopSlot', stopsPrevious) },
  { name: 'the candidate is stopped only after traffic was seen to be back', breaks: on('StopSlot', stopsEarly) },
  { name: 'the last requests of the candidate may end', breaks: on('StopSlot', cutsOff) },
  {
    name: 'nothing is started before gates and approvals, nor when quarantined',
    breaks: on('EnsureSlot', startsEarly),
  },
  { name: 'one order is under way once', breaks: orderedTwice },
  { name: 'an order that failed is tried again only after a growing pause', breaks: triedAtOnce },
  { name: 'a hold ends only after its time with nothing but passes', breaks: holdsShort },
  { name: 'a pause stops every advance', breaks: advancesPaused },
  { name: 'only an answer that is waited for counts', breaks: hearsStrangers },
  { name: 'what a step waited for was observed within it', breaks: endsUnseen },
  { name: 'steps come in order, one by one', breaks: skipsSteps },
  { name: 'traffic comes back first', breaks: backOutOfOrder },
  { name: 'after the end nothing moves but retiring, reconciling and messages', breaks: movesAfterEnd },
  { name: 'finalized only when every hold passed and live was tested', breaks: finalizesEarly },
  { name: 'the end is what the world is', breaks: lies },
  ...ofSides,
]
