import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

export const keys: AdapterKeys = {
  written: { routingKey: { secret: 'CHAT' } },
  keys: { 'routingKey.secret': ['OTHER'], region: ['eu'] },
}
