import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

export const keys: AdapterKeys = {
  written: { accept: ['rehearsal'] },
  // `accept` has a single value as yet; what it does is that the gate is there.
  keys: { accept: [undefined], maxAge: ['10d'] },
}
