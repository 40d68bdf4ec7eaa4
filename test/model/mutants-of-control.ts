import { type Mutant, rollout, within } from './mutant.ts'

/** What somebody could forget of the share that stays on live while the candidate bakes. */
export const ofControl: readonly Mutant[] = [
  within(
    'a control share',
    rollout(
      'the control share comes over with the bake',
      'steps/traffic.ts',
      '({ holdMs, weight = 100 }) => ({ holdMs, weight })',
      '({ holdMs }) => ({ holdMs, weight: 100 })',
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
