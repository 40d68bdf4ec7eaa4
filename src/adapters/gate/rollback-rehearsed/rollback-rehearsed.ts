import { say, type Sentence } from '../../../core/say.ts'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type KeptRehearsal, rehearsalStream, rollbackPathText } from '../../../core/rollback-path.ts'
import { formatDuration } from '../../../core/time.ts'
import type { Outcome, Verdict } from '../../../core/verdict.ts'
import type { Records } from '../../../ports/adapter.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { GateContext } from '../../../ports/gate.ts'
import { durationText } from '../../../core/time.ts'
import { Deadline } from '../../../stellwerk-yaml/duration.ts'
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
        description:
          'What counts as tried. `rehearsal`: a rollback in `stellwerk rehearse`, handed over with `--record`.',
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

/** What `stellwerk rehearse --record` hands over (`RehearsalRecord`). */
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
    check: async (asked) => said(asked, given, await found(asked, given, records)),
  }),
})

type Found = { readonly outcome: Outcome; readonly actual: Sentence }

async function found(context: GateContext, given: Options, records: Records): Promise<Found> {
  const { service, environment } = context.plan
  try {
    return judged(context, given, await records.rehearsals(service, environment))
  } catch {
    return { outcome: 'no-evidence', actual: say`what was rehearsed cannot be read` }
  }
}

function judged({ plan, now }: GateContext, { maxAgeMs }: Options, all: readonly KeptRehearsal[]): Found {
  const way = createHash('sha256').update(rollbackPathText(plan)).digest('hex')
  const kept = all.findLast(({ record }) => record.path === way) ?? all.at(-1)
  if (kept === undefined) return { outcome: 'fail', actual: say`no rehearsal of it was handed over` }
  const parsed = Recorded.safeParse(kept.record)
  if (!parsed.success) return { outcome: 'no-evidence', actual: say`the record of its rehearsal cannot be understood` }
  const { data: record } = parsed
  if (record.service !== plan.service || record.environment !== plan.environment)
    return { outcome: 'no-evidence', actual: say`the record is of ${record.service} in ${record.environment}` }
  // Whose clock is ahead gains nothing: it was rehearsed before it was handed over.
  const ageMs = now - Math.min(record.at, kept.keptAt)
  if (!(ageMs >= 0)) return { outcome: 'no-evidence', actual: say`the record says that it was made in the future` }
  const age = say`rehearsed ${formatDuration(ageMs)} ago ("${record.scenario}", ${kept.by})`
  if (record.path !== way) return { outcome: 'fail', actual: say`${age}, but the plan has changed since` }
  return ageMs > maxAgeMs
    ? { outcome: 'fail', actual: say`${age}, which is too long ago` }
    : { outcome: 'pass', actual: age }
}

function said(context: GateContext, { maxAgeMs }: Options, { outcome, actual }: Found): Verdict {
  const { service, environment } = context.plan
  const todo = say`Run "stellwerk rehearse -e ${environment} --record": it rehearses where you run it, and hands the record to this control plane (without --record nothing is handed over).`
  const told = say`The way back of ${service} in ${environment}: ${actual}.`
  return verdict(context, {
    outcome,
    expected: `a rehearsed rollback of this very plan, at most ${durationText(maxAgeMs)} ago`,
    actual,
    source: `events RollbackRehearsed in ${rehearsalStream(context.plan)}`,
    said: outcome === 'pass' ? told : say`${told} ${todo}`,
  })
}
