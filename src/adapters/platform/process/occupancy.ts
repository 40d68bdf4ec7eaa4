/** Who may do what with a slot: the refusals of a supervisor, and who occupies the slot after an order that was accepted. */
import { type Failure, type Result, failure, ok } from '../../../ports/result.ts'
import { raiseFence, staleFence } from './claim.ts'
import { findProgram, type Launch } from './life.ts'
import type { SlotRecord } from './record.ts'
import type { EnsureOrder } from './wire.ts'

export type Occupant = Omit<SlotRecord, 'instances' | 'seen'>

/** Why an order for `release` is refused; `digest` null stands for any. Null when it is not. */
export function refusal(
  folder: string,
  here: Occupant | null,
  asked: { readonly fence: number; readonly release: string; readonly digest: string | null },
): Failure | null {
  const seen = raiseFence(folder, asked.fence)
  if (asked.fence < seen) return staleFence(asked.fence, seen)
  if (here === null) return null
  if (here.release === asked.release && (asked.digest === null || here.digest === asked.digest)) return null
  return failure(
    'permanent',
    `the slot is occupied by release ${here.release} (${here.version}, ${here.digest}); stop that first`,
  )
}

/** The occupant after `order`, and what its instances are started with; a new work folder only counts while none runs. */
export function occupy(
  order: EnsureOrder,
  before: Occupant | null,
  idle: boolean,
): Result<{ readonly occupant: Occupant; readonly launch: Launch }> {
  const workFolder = (idle ? order.workFolder : null) ?? before?.workFolder
  if (workFolder === undefined) return failure('transient', 'the slot was emptied meanwhile; order it once more')
  const { argv, environment, stopGraceMs, hungAfterMs, desired, secretNames, account } = order
  const program = findProgram(argv[0]!, workFolder, environment.PATH ?? '')
  if (program === null) return noProgram(order)
  const { release, digest, version, health, instances } = desired
  const nextIndex = before?.nextIndex ?? 0
  return ok({
    occupant: {
      format: 1,
      release,
      digest,
      version,
      health,
      workFolder,
      stopGraceMs,
      hungAfterMs,
      desired: instances,
      nextIndex,
      secretNames,
      account,
    },
    launch: { argv: [program, ...argv.slice(1)], workFolder, environment, account },
  })
}

function noProgram({ argv, environment }: EnsureOrder): Failure {
  const where = argv[0]!.includes('/') ? "the artifact's folder" : `PATH (${environment.PATH ?? 'empty'})`
  return failure(
    'permanent',
    `the program "${argv[0]}" was not found in ${where}, or cannot be executed; check the component's command`,
  )
}
