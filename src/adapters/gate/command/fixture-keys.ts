import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

export const keys: AdapterKeys = {
  written: { run: 'node check.js', component: 'api' },
  keys: {
    run: ['node other.js'],
    folder: ['checks'],
    component: ['web'],
    secrets: [['TOKEN']],
    name: ['check'],
    timeout: ['2m'],
  },
}
