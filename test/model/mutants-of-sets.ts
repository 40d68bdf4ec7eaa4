import { also, type Mutant, rollout, within } from './mutant.ts'

/** Only a set of components that changes shows these: "is there a previous release?" asked where "of this one?" is meant. */
export const ofSets: readonly Mutant[] = [
  {
    name: 'a route that the release no longer has stays',
    edits: [
      {
        file: 'parts.ts',
        find: 'const gone = served.filter(',
        replace: 'const gone = served.slice(served.length).filter(',
      },
    ],
    scene: 'are removed',
  },
  {
    name: 'a component with another name has nobody before it',
    edits: [
      { file: 'parts.ts', find: 'return { ...part, live: holder.name,', replace: 'return { ...part, live: null,' },
    ],
    scene: 'is renamed',
  },
  within(
    'are removed',
    rollout(
      'a route goes while the previous release serves it',
      'routes.ts',
      'const isLast = weight >= 100',
      'const isLast = weight >= 0',
    ),
  ),
  within(
    'is added',
    rollout(
      'a new component is given a share of which nobody has the rest',
      'routes.ts',
      'route: routeOf(state, part, 100) }]',
      'route: routeOf(state, part, weight) }]',
    ),
  ),
  within(
    'is added',
    rollout(
      'a route that came with the candidate outlives it',
      'steps/stop-candidate.ts',
      'return remove(state)',
      'return done',
    ),
  ),
  within('is added', rollout('what older releases left stays', 'steps/deploy.ts', ', ...leftBehind(state))', ')')),
  within(
    'are removed',
    rollout(
      'only what the release has itself is retired',
      'retire.ts',
      'const left = state.parts.live.filter(',
      'const left = state.plan.components.map(({ name }) => name).filter(',
    ),
  ),
  within('are removed', rollout('whoever can return waits for who cannot', 'steps/rollback.ts', ', ...back)', ')')),
  within(
    'are removed',
    rollout(
      'only what the release has itself is started again',
      'steps/rollback.ts',
      'return liveComponents(state)\n    .filter((each) =>',
      'return state.plan.components\n    .filter((each) =>',
    ),
  ),
  within(
    'taken away',
    rollout(
      'the previous release comes back with the new number of instances',
      'steps/rollback.ts',
      'const { instances } = found',
      'const { instances } = state.plan.components.find(({ name }) => name === component) ?? found',
    ),
  ),
  within(
    'exchanged',
    rollout(
      'the way back keeps the new address',
      'routes.ts',
      "return sameRouter(state, part) ? desired : { ...desired, as: 'previous' }",
      'return desired',
    ),
  ),
  within(
    'exchanged',
    rollout(
      'an address changes with the first share',
      'routes.ts',
      'part.moves && weight < 100',
      'part.moves && weight < 0',
    ),
  ),
  {
    ...within(
      'older plan',
      rollout(
        'what gets no users is not made sure of after a rollback',
        'steps/rollback.ts',
        'if (away.length > 0) return order(',
        'if (away.length > 9) return order(',
      ),
    ),
  },
  within(
    'is added',
    rollout(
      'what users are back on is tested by the checks of the candidate',
      'steps/rollback.ts',
      "{ target: 'live', of: state.stable }",
      "{ target: 'live' }",
    ),
  ),
  ...ofWorkers(),
]

/** The interlock that stands in their way is taken out: the invariants of the model must see them by themselves. */
function ofWorkers(): readonly Mutant[] {
  const unlocked = rollout(
    '',
    'interlocks.ts',
    'return beside ? `${beside.name} was not seen gone from ${other}` : null',
    'return beside ? null : null',
  )
  const early = rollout(
    "the candidate's worker starts before live's was seen gone",
    'steps/activate.ts',
    'stopAll(state, liveWorkers(state), liveSlot(state)) ??',
    '',
  )
  const late: Mutant = {
    name: 'the previous worker is not started again on the way back',
    edits: [
      {
        file: 'rollout/steps/activate.ts',
        find: "back: () => ['stop-candidate', 'reactivate']",
        replace: "back: () => ['stop-candidate']",
      },
    ],
    scene: '',
  }
  const unasked = rollout(
    'a stop that was only ordered is a worker that is gone',
    'steps/activate.ts',
    'if (stops.length > 0) return order(...stops)',
    'if (stops.some(({ type }) => type === "SetRoute")) return order(...stops)',
  )
  return [
    within('is replaced', also(early, unlocked)),
    within('before anybody is moved', late),
    within(
      'before anybody is moved',
      rollout(
        'an abort forgets the worker that was stopped for it',
        'steps/rollback.ts',
        '  beforeUsers: true,\n  limitMs: (_, state) => state.plan.timings.startLimitMs,',
        '  limitMs: (_, state) => state.plan.timings.startLimitMs,',
      ),
    ),
    within('is replaced', also(unasked, unlocked)),
  ]
}
