/** The push worker: follows new messages and tells devices. It gets no traffic; the port is for its health alone. */
import { join } from 'node:path'
import { linesIn, required } from '../../shared/lines.ts'
import { serve } from '../../shared/serve.ts'

const EVERY_MS = 1000
const [folder = ''] = required('DATA_DIR')
const messages = linesIn<{ readonly room: string }>(join(folder, 'messages.jsonl'))
let told: number | null = null
let sent = 0

/** Only what came since it started. While two slots run both tell; a real worker claims each message from a queue. */
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
