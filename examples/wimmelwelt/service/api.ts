/** Messages, uploads, and what is to be pushed. A folder stands in for the database and the object storage. */
import { linesIn, required } from '../../shared/lines.ts'
import { release } from '../../shared/release.ts'
import { answer, type Handler, jsonOf, serve } from '../../shared/serve.ts'
import { collection } from './storage.ts'

type Message = { readonly room: string; readonly from: string; readonly text: string; readonly at: string }
type Upload = { readonly name: string; readonly bytes: number; readonly by: string }

const [mongo = '', bucket = ''] = required('MONGODB_URI', 'S3_BUCKET', 'S3_ENDPOINT', 'S3_SECRET_KEY', 'JWT_SECRET')
const messages = linesIn<Message>(collection(mongo, 'messages'))
const uploads = linesIn<Upload>(collection(mongo, bucket))
/** The test users; real ones hold tokens signed with JWT_SECRET. */
const USERS: Readonly<Record<string, string>> = { 'test-user': 'u-test', 'other-user': 'u-other' }
const UPLOAD_MAX = 32 * 1024

const send: Handler = async ({ params: [room = ''], token, body, dryRun }) => {
  const from = userOf(token)
  if (from === null) return answer(401, { detail: 'sign in first' })
  const { text } = jsonOf(body)
  if (typeof text !== 'string' || text.length === 0 || text.length > 2000)
    return answer(400, { detail: 'expected text' })
  // The push worker reads the same lines and tells the room's devices.
  if (!dryRun) await messages.add({ room, from, text, at: new Date().toISOString() })
  return answer(dryRun ? 200 : 201, { ok: true, dryRun })
}

const read: Handler = async ({ params: [room = ''], token }) => {
  if (userOf(token) === null) return answer(401, { detail: 'sign in first' })
  const all = await messages.all()
  return answer(200, { room, messages: all.filter((message) => message.room === room).slice(-50) })
}

const upload: Handler = async ({ params: [name = ''], token, body, dryRun }) => {
  const by = userOf(token)
  if (release.fault === 'open-uploads') return answer(200, { ok: true, dryRun })
  if (by === null) return answer(401, { detail: 'sign in first' })
  if (body.length > UPLOAD_MAX) return answer(413, { detail: `at most ${UPLOAD_MAX} bytes` })
  if (!dryRun) await uploads.add({ name, bytes: body.length, by })
  return answer(dryRun ? 200 : 201, { ok: true, dryRun })
}

function userOf(token: string | null): string | null {
  return (token !== null && USERS[token]) || null
}

serve(
  'wimmelwelt-api',
  {
    'GET /v1/session': ({ token }) => {
      const user = userOf(token)
      return user === null ? answer(401, { detail: 'sign in first' }) : answer(200, { user })
    },
    'POST /v1/rooms/:/messages': send,
    'GET /v1/rooms/:/messages': read,
    'PUT /v1/uploads/:': upload,
  },
  async () => (await messages.problem()) ?? (await uploads.problem()),
)
