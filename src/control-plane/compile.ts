/** From what a person wrote to a hashed plan: read, merged, compiled, checked; every problem at once. */
import { createHash } from 'node:crypto'
import { registry } from '../adapters/registry.ts'
import { artifactIdentity } from '../core/artifact.ts'
import { planHash } from '../core/plan.ts'
import type { Answer, PlannedRollout, PlanRequest, Refusal, SpecSource } from '../engine/control-plane.ts'
import type { SpecProblem } from '../spec/problem.ts'
import { specReader } from '../spec/read.ts'
import type { Spec } from '../spec/spec.ts'
import { compile } from '../spec/to-plan.ts'

let reader: ReturnType<typeof specReader> | null = null

/** Building the reader costs some milliseconds, so there is one per process. */
export function readSpec({ text, file }: Pick<SpecSource, 'text' | 'file'>): Answer<Spec> {
  reader ??= specReader(registry)
  const read = reader({ text, file })
  return read.ok ? { ok: true, value: read.spec } : invalid(file, read.problems)
}

export async function compileRequest({
  spec,
  environment,
  artifact,
  flags,
}: PlanRequest): Promise<Answer<PlannedRollout>> {
  const read = readSpec(spec)
  if (!read.ok) return read
  const compiled = compile(read.value, artifact, environment, {
    flags,
    folder: spec.folder,
    platforms: registry.platforms,
  })
  if (!compiled.ok) return invalid(spec.file, compiled.problems)
  const { plan } = compiled
  return {
    ok: true,
    value: { plan, planHash: planHash(plan, sha256), identity: `sha256:${sha256(artifactIdentity(artifact))}` },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function invalid(file: string, problems: readonly SpecProblem[]): Refusal {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return {
    ok: false,
    kind: 'invalid',
    message: `${file}: ${count}`,
    problems: problems.map(({ where, path, message, suggestion }) => ({
      where,
      message: `${path === '' ? '' : `${path}: `}${message}${suggestion === null ? '' : `; ${suggestion}`}`,
    })),
  }
}
