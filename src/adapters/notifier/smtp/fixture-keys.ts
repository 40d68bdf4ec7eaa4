import type { AdapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'

const MAIL = { host: 'mail.example.com', from: 'a@example.com' }
const CHAT = { secret: 'CHAT' }

export const keys: AdapterKeys = {
  written: { ...MAIL, to: 'team@example.com', user: CHAT, password: CHAT },
  keys: {
    host: ['other.example.com'],
    port: [25],
    tls: ['implicit'],
    'user.secret': ['OTHER'],
    'password.secret': ['OTHER'],
    from: ['b@example.com'],
    'to.secret': ['OTHER', { ...MAIL, to: CHAT }],
  },
}
