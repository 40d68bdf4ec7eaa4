import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

export const keys: AdapterKeys = {
  written: { command: 'node server.js' },
  keys: {
    command: ['node other.js'],
    stopGrace: ['3s'],
    hungAfter: ['40s'],
    logSize: ['20MB'],
    user: ['app'],
    logFiles: [5],
  },
}
