import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

const CHAT = { secret: 'CHAT' }
const COUNTING = {
  url: 'http://p',
  requests: 'requests_total',
  errors: 'errors_total',
  latency: 'latency_bucket',
  waitingOldest: 'oldest',
}
const BASIC = { ...COUNTING, auth: { basic: { user: 'a', password: CHAT } } }

export const keys: AdapterKeys = {
  written: COUNTING,
  keys: {
    url: ['http://q'],
    counts: ['router', { url: 'http://p' }],
    requests: ['other_total'],
    errors: ['other_total'],
    latency: ['other_bucket'],
    latencyUnit: ['milliseconds'],
    inFlight: ['in_flight'],
    waitingOldest: ['other'],
    'slot.label': ['colour'],
    'slot.blue': ['b'],
    'slot.green': ['g'],
    absentSlot: ['idle'],
    segmentLabel: ['route'],
    scrapeInterval: ['10s'],
    timeout: ['4s'],
    maxBytes: ['20MB'],
    'auth.bearer.secret': ['OTHER', { ...COUNTING, auth: { bearer: CHAT } }],
    'auth.basic.user': ['b', BASIC],
    'auth.basic.password.secret': ['OTHER', BASIC],
  },
}
