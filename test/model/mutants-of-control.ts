import { type Mutant, rollout, within } from './mutant.ts'

/** What somebody could forget of the share that stays on live while the candidate bakes. */
export const ofControl: readonly Mutant[] = [
  within(
    'a control share',
    rollout(
      'the control share comes over with the bake',
      'steps/traffic.ts',
      'weight: keepsControl(state) ? weight : 100',
      'weight: keepsControl(state) && weight > 100 ? weight : 100',
    ),
  ),
  within(
    'a control share',
    rollout(
      'the control share stays where nobody serves it',
      'steps/traffic.ts',
      'weight: keepsControl(state) ? weight : 100',
      'weight',
    ),
  ),
  within('nobody can be compared with', {
    name: 'a first release keeps a control share on nobody',
    edits: [
      {
        file: 'plan.ts',
        find: 'return withoutControl(plan.steps).filter(',
        replace: 'return plan.steps.filter(',
      },
    ],
    scene: '',
  }),
]
