import { english } from '../core/say.ts'
import { enRebuild } from './rebuild.ts'
import { enDoctor } from './doctor.ts'
import type { EventMessages, Labels, Messages } from './messages.ts'
import { enIncident } from './incident.ts'
import { enNotify } from './notify.ts'
import { enPolicy } from './policy.ts'
import { enStep, stepPhases } from './steps.ts'

const phases: Messages['phases'] = {
  requested: 'requested',
  queued: 'queued',
  finalized: 'finalized',
  aborting: 'aborting',
  aborted: 'aborted',
  'rolled-back': 'rolled back',
  'needs-human': 'needs a human',
  resolved: 'resolved by a person',
  ...stepPhases('en'),
}

const events: EventMessages = {
  requested: (version, environment, by) => `${by} requested ${version} in ${environment}`,
  queued: (behind, until) => `queued behind ${behind}, until ${until} at the latest`,
  admitted: (live) => (live === null ? 'started; nothing is live here yet' : `started; ${live} is live`),
  stepStarted: (what, until) => `→ ${what} (by ${until} at the latest)`,
  stepFinished: (what) => `✓ ${what}`,
  rollbackStepStarted: (what) => `← ${what}`,
  extended: (until, reason) => `deadline moved to ${until}: ${reason}`,
  commandFailed: (kind, message) => `! ${kind}: ${message}`,
  slot: (component, slot, ready, desired) =>
    `${component} ${slot}: ${desired === 0 ? 'stopped' : `${ready} of ${desired} ready`}`,
  route: (component, blue, green) => `traffic of ${component}, observed: blue ${blue} %, green ${green} %`,
  maintenance: (component) => `traffic of ${component}, observed: maintenance page`,
  gate: (gate, outcome, text) => `gate ${gate}: ${outcome}: ${text}`,
  smoke: (target, passed, total) =>
    `smoke tests of ${target === 'candidate' ? 'the candidate' : target}: ${passed} of ${total} passed`,
  smokeFailed: (name, expected, actual) => `✗ ${name}: expected ${expected}, got ${actual}`,
  approved: (role, by) => `${by} approved as ${role}`,
  rejected: (by, reason) => `${by} rejected it: ${reason}`,
  refused: (by, request, reason) => `${by} was refused ${request}: ${reason}`,
  paused: (by, reason) => `${by} paused it: ${reason}`,
  resumed: (by) => `${by} resumed it`,
  sharedCause: (why) => `on hold and escalated, because live is affected too: ${why}`,
  'no-data': (what, until) =>
    `NO DATA, held, people are called: ${what}; rolled back at ${until} unless somebody resumes it`,
  noDataAnswered: (by, what) => `${by} lets it wait without data: ${what}`,
  noDataEnded: (lasted) => `can see again, after ${lasted}`,
  unwell: (what) => `LIVE IS NOT WELL, people are called: ${what}`,
  logDoubted: (why) => `STELLWERK NO LONGER TRUSTS ITS LOG, people are called: ${why}`,
  logTrusted: 'Stellwerk trusts its log again',
  unwellEnded: (lasted) => `live is well again, after ${lasted}`,
  sharedCauseEnded: (lasted) => `live has recovered, after ${lasted}`,
  controlLost: (component, share) =>
    `LIVE IS DOWN (${component}), people are called: the ${share} % on live come over before the bake ends`,
  promoted: (by) => `${by} promoted it to the next step`,
  rollback: (mode, cause, text) => `${mode === 'abort' ? 'ABORT' : 'ROLLBACK'} (${cause}): ${text}`,
  finalized: (slot, until, previous) =>
    `finalized: ${slot} is live${until === null ? '' : `; ${previous ?? 'the previous version'} stays warm until ${until}`}`,
  windowClosed: 'the rollback window is closed',
  nothingBefore: 'this was the first release: there is no version to roll back to',
  aborted: (reason) => `aborted: ${reason}`,
  rolledBack: (reason, trafficBack) =>
    `rolled back${trafficBack ? `, traffic was back after ${trafficBack}` : ''}: ${reason}`,
  needsHuman: (reason, todo) => `NEEDS A HUMAN: ${reason}; to do: ${todo}`,
  resolved: (by, note) => `${by} resolved it: ${note}`,
  timeShifted: (by, reason) => `all deadlines move by ${by}: ${reason}`,
}

const labels: Labels = {
  service: 'SERVICE',
  environment: 'ENVIRONMENT',
  component: 'COMPONENT',
  serving: 'SERVING NOW',
  desired: 'DESIRED',
  rollout: 'ROLLOUT',
  version: 'VERSION',
  phase: 'PHASE',
  requested: 'REQUESTED',
  by: 'BY',
  alarm: 'alarm',
  leftover: 'left over:',
  why: 'why',
  ready: 'ready',
  elapsed: 'for',
  queue: 'queued',
  noEnvironments: 'Nothing has been released yet.',
  noRollouts: 'No rollouts.',
}

export const en: Messages = {
  phases,
  outcomes: { pass: 'pass', fail: 'fail', inconclusive: 'inconclusive', 'no-evidence': 'no evidence' },
  told: (said, text) => (said === undefined ? text : english(said)),
  tell: english,
  step: enStep,
  events,
  summary: {
    rollout: 'Rollout',
    state: 'State',
    serving: 'Serving now',
    by: 'Requested by',
    run: 'CI run',
    took: 'Took',
    why: 'Why',
    verdict: 'Verdict',
  },
  labels,
  wait: ({ said }) => ({ what: english(said.for), next: english(said.then) }),
  waiting: (what, since, until, next) =>
    `waiting for ${what}, since ${since}${until ? `, until ${until}` : ''}; then: ${next}`,
  goesOnWith: (command) => `to continue: ${command}`,
  nowServing: (text) => `Now serving: ${text}`,
  nothingServes: 'nothing',
  paused: (by, reason) => `paused by ${by}: ${reason}`,
  ends: {
    done: (version, environment) => `Finalized: users of ${environment} are on ${version}.`,
    failed: (version, environment) => `Failed: ${version} did not reach ${environment}; nothing changed for users.`,
    gate: (version, environment) =>
      `Blocked by a gate: ${version} did not reach ${environment}; nothing changed for users.`,
    approval: (version, environment) =>
      `Waiting for approval: ${version} in ${environment} continues once it is approved.`,
    rolledBack: (version, environment) =>
      `Rolled back: users of ${environment} are on the previous version, not on ${version}.`,
    needsHuman: (version, environment) =>
      `Needs a human: the rollback of ${version} in ${environment} could not finish.`,
    held: (version, environment) => `Another rollout is under way in ${environment}; ${version} has not started.`,
  },
  lastLines: (instance) => `The last lines of ${instance}:`,
  moreLines: (command) => `More of them: ${command}`,
  noLines: (rollout) => `No instance of ${rollout} has printed anything that is kept.`,
  detached: (rollout) => `Detached; rollout ${rollout} continues.`,
  timedOut: (rollout, limit) => `Stopped watching after ${limit}; rollout ${rollout} continues.`,
  followAgain: (command) => `  follow it again: ${command}`,
  stopIt: (command) => `  stop it:         ${command}`,
  lost: (why) => `lost the control plane (${why}); the rollout continues, reconnecting …`,
  backAgain: 'the control plane is back',
  confirm: (version, environment) => `Release ${version} to ${environment}? [y/N] `,
  started: (rollout) => `rollout ${rollout}; follow it from anywhere: stellwerk watch ${rollout}`,
  rehearsal: {
    head: (scenario) => `Rehearsal, touching nothing: ${scenario}`,
    summary: ({ took, wall, seed, serves, requests, bad, lost }) =>
      `Simulated ${took} in ${wall} (seed ${seed}): ${requests} requests, ${bad} answered 5xx, ${lost} lost; in the end users get ${serves}.`,
    handedOver: (where, by) => `The control plane now knows that the rollback of ${where} was rehearsed, by ${by}.`,
    notHandedOver: 'The gate rollback-rehearsed does not know of this rehearsal; hand it over with --record.',
    nothingProven:
      'Nothing was handed over: no release was rolled back as expected, the way the plan has it. Without --scenario, a bad release is rehearsed too; a `tick` in a scenario makes it another plan.',
    unexpected: 'It did not end as the scenario expects:',
  },
  policy: enPolicy,
  notify: enNotify,
  incident: enIncident,
  doctor: enDoctor,
  rebuild: enRebuild,
  nothingToUndo: 'nothing to undo',
  firstRelease:
    'The first release here: nothing is live yet, so there is nothing to shift traffic from or to compare with.',
  sees: (component, traffic) => `What each step can see of ${component} (${traffic})`,
  more: (count) => `… ${count} more`,
  worthALook: 'Worth a look',
  declined: 'Not started; nothing changed for users.',
  ago: (duration) => `${duration} ago`,
  inTime: (duration) => `in ${duration}`,
  setChange: ({ component, kind, from, to }) =>
    ({
      new: `${component} is new here${to ? `: nobody to share traffic with, so all users of ${to} are on it from the first share on; a rollback closes ${to}` : '; a rollback stops it'}`,
      late: `${component} is new here and opens with the shift to 100 %, at ${to}, which another component has until then`,
      'takes-over': `${component} takes over ${to} from ${from}: users are shared between both; a rollback gives it back`,
      moves: `${component} moves from ${from} to ${to} with the shift to 100 %; a rollback moves it back`,
      'route-goes': `${component} has no router any more: ${from} is closed with the shift to 100 %; a rollback opens it again`,
      removed: `${component} is no longer part of it${from ? `: ${from} is closed with the shift to 100 %` : ''}; its instances stay for a rollback until its window ends`,
      instances: `${component} has ${to} instances instead of ${from}`,
      platform: `${component} runs on ${to} instead of ${from}`,
    })[kind],
  alarm: (kind, what, since, why) =>
    ({
      'no-data': `${what}: no data since ${since}: ${why}`,
      unwell: `${what}: not well since ${since}: ${why}`,
      'not-driven': `${what}: stuck since ${since}: ${why}`,
      disk: `${what}: disk nearly full since ${since}: ${why}`,
      undelivered: `undelivered since ${since}: ${why}`,
    })[kind],
  alarmUntil: (until) => `; rolled back at ${until}`,
  left: (duration) => ` (${duration} left)`,
}
