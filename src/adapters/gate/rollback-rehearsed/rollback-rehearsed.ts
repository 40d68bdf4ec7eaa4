import { createHash } from 'node:crypto'
import { z } from 'zod'
import { rehearsalFile, rollbackPathText } from '../../../core/rollback-path.ts'
import { formatDuration } from '../../../core/time.ts'
import type { Outcome, Verdict } from '../../../core/verdict.ts'
import { NOTHING_OUTSIDE, type Records } from '../../../ports/adapter.ts'
import type { GateContext } from '../../../ports/gate.ts'
import { Deadline, durationText } from '../../../spec/duration.ts'
import { gate } from '../../kit.ts'
import { verdict } from '../verdict.ts'

const options = z
  .strictObject({
    kind: z.literal('rollback-rehearsed').meta({
      description: 'The way back of exactly this plan was tried, and not long ago.',
      source: 'R-B09',
    }),
    accept: z
      .array(z.enum(['rehearsal']))
      .min(1)
      .meta({
        description: 'What counts as tried. `rehearsal`: a rollback in `stellwerk rehearse`, which touches nothing.',
      }),
    maxAge: Deadline.prefault('30d').meta({ description: 'How long ago it may have been.' }),
  })
  .meta({ description: 'Nobody meets the way back for the first time in an emergency.' })
  .transform(({ maxAge, ...rest }) => ({ ...rest, maxAgeMs: maxAge }))

const planned = z.object({
  kind: z.literal('rollback-rehearsed'),
  accept: z.array(z.string()),
  maxAgeMs: z.number(),
})

type Options = z.output<typeof planned>

/** What `stellwerk rehearse` leaves behind (`RehearsalRecord`). */
const Recorded = z.strictObject({
  format: z.literal(1),
  service: z.string(),
  environment: z.string(),
  path: z.string(),
  at: z.number(),
  scenario: z.string(),
  seed: z.number(),
  result: z.literal('rolled-back'),
  trafficBackMs: z.number(),
})

/** Passes only with a readable, fresh record of a rollback along the very way back that this plan has (R-B09, law L3). */
export const rollbackRehearsed = gate({
  kind: 'rollback-rehearsed',
  options,
  planned,
  stricter: { maxAgeMs: 'less' },
  describe: () => NOTHING_OUTSIDE,
  create: (given, { records }) => ({
    check: async (asked) => judged(asked, given, await recordFor(asked, records)),
  }),
})

type Found =
  | { readonly outcome: 'fail' | 'no-evidence'; readonly text: string }
  | { readonly outcome: 'found'; readonly record: z.output<typeof Recorded> }

async function recordFor({ plan }: GateContext, records: Records): Promise<Found> {
  const file = rehearsalFile(plan)
  try {
    const kept = await records.rehearsal(file)
    if (kept === null) return { outcome: 'fail', text: 'no rollback was rehearsed here' }
    const parsed = Recorded.safeParse(JSON.parse(kept))
    if (parsed.success) return { outcome: 'found', record: parsed.data }
    return { outcome: 'no-evidence', text: `the record ${file} cannot be understood` }
  } catch {
    return { outcome: 'no-evidence', text: `the record ${file} cannot be read` }
  }
}

function judged(context: GateContext, { maxAgeMs }: Options, found: Found): Verdict {
  const { plan } = context
  const expected = `a rehearsed rollback of this very plan, at most ${durationText(maxAgeMs)} ago`
  const source = `${rehearsalFile(plan)} in the data folder`
  const say = (outcome: Outcome, actual: string) => {
    const place = `${plan.service} in ${plan.environment}`
    const todo = `Run "stellwerk rehearse -e ${plan.environment}" with the data folder of this control plane.`
    const text =
      outcome === 'pass' ? `The way back of ${place}: ${actual}.` : `The way back of ${place}: ${actual}. ${todo}`
    return verdict(context, { outcome, expected, actual, source, text })
  }
  if (found.outcome !== 'found') return say(found.outcome, found.text)
  const { record } = found
  if (record.service !== plan.service || record.environment !== plan.environment)
    return say('no-evidence', `the record is of ${record.service} in ${record.environment}`)
  const ageMs = context.now - record.at
  if (!(ageMs >= 0)) return say('no-evidence', 'the record says that it was made in the future')
  const age = `rehearsed ${formatDuration(ageMs)} ago ("${record.scenario}")`
  if (ageMs > maxAgeMs) return say('fail', `${age}, which is too long ago`)
  const isSame = record.path === createHash('sha256').update(rollbackPathText(plan)).digest('hex')
  return isSame ? say('pass', age) : say('fail', `${age}, but the plan has changed since`)
}
