import { listed, quote, say, type Sentence } from '../../../core/say.ts'
import { z } from 'zod'
import { artifactProblems } from '../../../core/artifact.ts'
import type { Verdict } from '../../../core/verdict.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { GateContext } from '../../../ports/gate.ts'
import { gate } from '../../kit.ts'
import { verdict } from '../verdict.ts'

const options = z
  .strictObject({
    kind: z.literal('artifact-pinned').meta({
      description: 'Commit and digests are immutable, and what is referenced still has its digest.',
      source: 'R-A04',
    }),
  })
  .meta({ description: 'The artifact is pinned and unchanged.' })

/** The artifact says what it is and is what it says: no mutable reference, no file changed since it was pinned (R-A04). */
export const artifactPinned = gate({
  kind: 'artifact-pinned',
  options,
  planned: options,
  describe: () => NOTHING_OUTSIDE,
  create: (_, { artifacts }) => ({ check: (asked) => check(asked, artifacts) }),
})

const EXPECTED = 'a full commit hash, and every component still at its pinned digest'
const SOURCE = 'the artifact file and what it references'

async function check(context: GateContext, artifacts: AdapterContext['artifacts']): Promise<Verdict> {
  const mutable = artifactProblems(context.plan.artifact).map(({ path, said }) => say`${path} ${said}`)
  if (mutable.length > 0) return judged(context, 'fail', mutable)
  const changed: Sentence[] = []
  const unknown: Sentence[] = []
  for (const { name, artifact } of context.plan.components) {
    const found = await artifacts.digestOf(artifact)
    if (!found.ok) unknown.push(say`${name}: ${artifact.ref} could not be read (${quote(found.message)})`)
    else if (found.value !== artifact.digest) {
      changed.push(say`${name}: ${artifact.ref} has ${found.value ?? '-'}, pinned was ${artifact.digest}`)
    }
  }
  if (changed.length > 0) return judged(context, 'fail', changed)
  return judged(context, unknown.length > 0 ? 'no-evidence' : 'pass', unknown)
}

function judged(context: GateContext, outcome: Verdict['outcome'], findings: readonly Sentence[]): Verdict {
  const { version, commit } = context.plan.artifact
  const actual =
    findings.length > 0 ? listed(findings) : say`${version} at ${commit.slice(0, 12)}, every digest matches`
  const said =
    outcome === 'pass'
      ? say`Artifact ${version} is pinned and unchanged.`
      : say`Artifact ${version} is not proven to be what was pinned: ${actual}. Pin it again with \`stellwerk artifact pin\`.`
  return verdict(context, { outcome, expected: EXPECTED, actual, source: SOURCE, said })
}
