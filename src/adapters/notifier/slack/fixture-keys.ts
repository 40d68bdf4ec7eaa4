import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

export const keys: AdapterKeys = { written: { url: { secret: 'CHAT' } }, keys: { 'url.secret': ['OTHER'] } }
