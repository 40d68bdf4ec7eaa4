/** The push worker: follows new messages and tells devices. It gets no traffic; the port is for its health alone. */
import { linesIn, required } from '../../shared/lines.ts'
import { serve } from '../../shared/serve.ts'
import { collection } from './storage.ts'

const EVERY_MS = 1000
const [mongo = ''] = required('MONGODB_URI', 'PUSH_GATEWAY', 'VAPID_PRIVATE_KEY')
const messages = linesIn<{ readonly room: string }>(collection(mongo, 'messages'))
let told: number | null = null
let sent = 0

/** Only what came since it started: two generations never run beside each other, so that nobody is told twice. */
async function follow(): Promise<void> {
  const all = await messages.all()
  const fresh = told === null ? [] : all.slice(told)
  told = all.length
  for (const { room } of fresh) {
    sent += 1
    console.log(JSON.stringify({ level: 'info', service: 'wimmelwelt-push', message: 'pushed', room, sent }))
  }
}

setInterval(() => void follow(), EVERY_MS)
serve('wimmelwelt-push', {}, () => messages.problem())
