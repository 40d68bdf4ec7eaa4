/** The service book's API: vehicles and what their workshops wrote into the book. Answers as a FastAPI service does. */
import { join } from 'node:path'
import { linesIn, required } from '../../shared/lines.ts'
import { release } from '../../shared/release.ts'
import { answer, type Handler, jsonOf, serve } from '../../shared/serve.ts'

type Entry = { readonly vin: string; readonly km: number; readonly work: string; readonly at: string }

const [folder = ''] = required('DATA_DIR', 'AUTH_SECRET')
const book = linesIn<Entry>(join(folder, 'entries.jsonl'))
const VIN = /^[A-HJ-NPR-Z0-9]{17}$/
/** The test tenant's; real workshops hold tokens signed with AUTH_SECRET. */
const ROLES: Readonly<Record<string, 'workshop' | 'reader'>> = { 'test-workshop': 'workshop', 'test-reader': 'reader' }
const LEAK_BYTES = 8 * 2 ** 20

const vehicle: Handler = async ({ params: [vin = ''], token }) => {
  if (token === null || !ROLES[token]) return answer(401, { detail: 'Not authenticated' })
  const entries = await entriesOf(vin)
  return answer(200, {
    vin,
    entries: entries.map(({ at, km, work }) => ({ at, km, work })),
    km: entries.at(-1)?.km ?? null,
  })
}

const addEntry: Handler = async ({ params: [vin = ''], token, body, dryRun }) => {
  const role = token === null ? undefined : ROLES[token]
  if (!role) return answer(401, { detail: 'Not authenticated' })
  if (role !== 'workshop') return answer(403, { detail: 'Only workshops write into a service book' })
  const { km, work } = jsonOf(body)
  if (!VIN.test(vin) || !isMileage(km) || typeof work !== 'string' || work === '') {
    return answer(422, { detail: 'expected a VIN of 17 characters, km and work' })
  }
  const last = (await entriesOf(vin)).at(-1)
  if (last && km < last.km)
    return answer(409, { detail: `the last entry says ${last.km} km: mileage does not go back` })
  if (!dryRun) await book.add({ vin, km, work, at: new Date().toISOString() })
  return answer(dryRun ? 200 : 201, { ok: true, dryRun })
}

function isMileage(km: unknown): km is number {
  return typeof km === 'number' && Number.isInteger(km) && km >= 0
}

async function entriesOf(vin: string): Promise<readonly Entry[]> {
  return (await book.all()).filter((entry) => entry.vin === vin)
}

if (release.fault === 'leak') {
  const kept: Buffer[] = []
  setInterval(() => kept.length < 64 && kept.push(Buffer.alloc(LEAK_BYTES, 1)), 100)
}

serve(
  'lifetimecircle-api',
  {
    'GET /api/version': () => answer(200, { version: release.version }),
    'GET /api/vehicles/:': vehicle,
    'POST /api/vehicles/:/entries': addEntry,
  },
  () => book.problem(),
)
