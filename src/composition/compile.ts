/** From what a person wrote to a hashed plan: read, merged, compiled, checked; every problem at once. */
import { problemDetail } from '../stellwerk-yaml/problem.ts'
import { english, quote, say } from '../core/say.ts'
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createArtifactStore, digestTree } from '../adapters/artifact-store/store.ts'
import { registry } from '../adapters/registry.ts'
import { artifactIdentity } from '../core/artifact.ts'
import { type Plan, planHash } from '../core/plan.ts'
import { policyOf } from '../core/policy/policy.ts'
import type { Strengths } from '../core/policy/changes.ts'
import type { Answer, PlannedRollout, PlanRequest, Refusal, SpecSource } from '../engine/control-plane.ts'
import type { PolicyOptions } from '../engine/policies.ts'
import { failure } from '../ports/result.ts'
import type { CheckProblem } from '../stellwerk-yaml/check-problem.ts'
import { crossProblems, sectionProblems } from '../stellwerk-yaml/checks.ts'
import type { SpecProblem } from '../stellwerk-yaml/problem.ts'
import { specReader } from '../stellwerk-yaml/read.ts'
import type { EnvironmentSpec, Spec } from '../stellwerk-yaml/spec.ts'
import { compile, proposedPlan } from '../stellwerk-yaml/to-plan.ts'

/** What is stricter in an option of a gate, the gate says itself. */
export const POLICIES: PolicyOptions = {
  strengths: Object.fromEntries(
    registry.gates.map((gate): [string, Strengths[string]] => [gate.kind, 'stricter' in gate ? gate.stricter : {}]),
  ),
  async propose(source, environment) {
    const read = await proposePlan(source, environment)
    if (!read.ok) return read
    const judged = await withGateSources(read.value, source.folder)
    return judged.ok
      ? { ok: true, value: { service: read.value.service, policy: policyOf(judged.plan) } }
      : invalid(source.file, judged.problems)
  },
}

/** The plan of an environment without an artifact: what holds of it, whatever is released into it. */
export async function proposePlan(source: SpecSource, environment: string): Promise<Answer<Plan>> {
  const read = readSpec(source)
  if (!read.ok) return read
  const { service, environments } = read.value
  const spec = Object.hasOwn(environments, environment) ? environments[environment] : undefined
  if (spec) return { ok: true, value: proposedPlan(service, environment, spec, source.folder) }
  const message = say`there is no environment "${environment}" in the spec`
  const suggestion = say`known: ${Object.keys(environments).join(', ')}`
  return invalid(source.file, [{ where: source.file, path: 'environments', message, suggestion }])
}

let reader: ReturnType<typeof specReader> | null = null

/** Building the reader costs some milliseconds, so there is one per process. */
export function readSpec({ text, file }: Pick<SpecSource, 'text' | 'file'>): Answer<Spec> {
  reader ??= specReader(registry)
  const read = reader({ text, file })
  return read.ok ? { ok: true, value: read.spec } : invalid(file, read.problems)
}

/** Answers the environment as a rehearsal's release has it: with other components, say. */
export type Change = (spec: EnvironmentSpec) => Changed
type Changed =
  | { readonly ok: true; readonly spec: EnvironmentSpec }
  | { readonly ok: false; readonly problems: readonly CheckProblem[] }

export async function compileRequest(
  { spec, environment, artifact, flags }: PlanRequest,
  change?: Change,
): Promise<Answer<PlannedRollout>> {
  const read = readSpec(spec)
  if (!read.ok) return read
  const changed = changedSpec(read.value, environment, change)
  if (!changed.ok) return invalid(spec.file, changed.problems)
  const compiled = compile(changed.spec, artifact, environment, {
    flags,
    folder: spec.folder,
    platforms: registry.platforms,
  })
  if (!compiled.ok) return invalid(spec.file, compiled.problems)
  const judged = await withGateSources(compiled.plan, spec.folder)
  if (!judged.ok) return invalid(spec.file, judged.problems)
  const { plan } = judged
  return {
    ok: true,
    value: { plan, planHash: planHash(plan, sha256), identity: `sha256:${sha256(artifactIdentity(artifact))}` },
  }
}

type ChangedSpec =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

/** What was changed is checked like what was read. */
function changedSpec(spec: Spec, environment: string, change: Change | undefined): ChangedSpec {
  const own = Object.hasOwn(spec.environments, environment) ? spec.environments[environment] : undefined
  if (!change || !own) return { ok: true, spec }
  const changed = change(own)
  const problems = changed.ok
    ? [...sectionProblems(changed.spec, registry), ...crossProblems(changed.spec, registry)]
    : changed.problems
  if (changed.ok && problems.length === 0)
    return { ok: true, spec: { ...spec, environments: { ...spec.environments, [environment]: changed.spec } } }
  return {
    ok: false,
    problems: problems.map(({ path, message, suggestion }) => {
      const where = spec.locate(environment, path)
      return { where, path: path.join('.'), message, suggestion: suggestion ?? null }
    }),
  }
}

type Sources =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

/**
 * Names the content of every gate's folder by its digest, so that a plan says which script will judge it and an approval
 * holds for that one alone.
 */
async function withGateSources(plan: Plan, folder: string): Promise<Sources> {
  const problems: SpecProblem[] = []
  const gates = plan.gates.map(async (gate) => {
    const path = gateFolder(gate, folder)
    if (path === null) return gate
    const digest = (await staysBelow(path, folder)) ? await digestTree(path) : LEADS_OUT
    if (digest.ok) return { ...gate, options: { ...gate.options, source: digest.value } }
    const message = say`the folder ${path} of the gate ${gate.id} cannot be read where the control plane runs: ${quote(digest.message)}`
    problems.push({ where: gate.id, path: 'gates', message, suggestion: null })
    return gate
  })
  const found = await Promise.all(gates)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, plan: { ...plan, gates: found } }
}

const LEADS_OUT = failure('permanent', 'it leads out of the folder of stellwerk.yaml')

/** A link on the way may lead anywhere. */
async function staysBelow(path: string, folder: string): Promise<boolean> {
  const [real, top] = await Promise.all([path, folder].map((each) => realpath(each).catch(() => each)))
  return `${real}/`.startsWith(`${top}/`)
}

/** Where the folder of a command gate lies; null for a gate without one. */
function gateFolder({ options }: Plan['gates'][number], folder: string): string | null {
  return typeof options['folder'] === 'string' ? resolve(folder, options['folder']) : null
}

/** As `compileRequest`; what gates bring along is taken over, so that what judges is what was planned. */
export function compileInto(dataFolder: string): typeof compileRequest {
  const store = createArtifactStore(join(dataFolder, 'artifacts'))
  return async (request) => {
    const planned = await compileRequest(request)
    if (!planned.ok) return planned
    for (const gate of planned.value.plan.gates) {
      const path = gateFolder(gate, request.spec.folder)
      if (path === null) continue
      if (await staysBelow(path, dataFolder)) {
        const message = `the gate ${gate.id}: ${path} lies in the data folder of the control plane`
        return { ok: false, kind: 'invalid', message, problems: [] }
      }
      const taken = await store.take(path, String(gate.options['source']), new AbortController().signal)
      if (!taken.ok)
        return { ok: false, kind: 'unavailable', message: `the gate ${gate.id}: ${taken.message}`, problems: [] }
    }
    return planned
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function invalid(file: string, problems: readonly SpecProblem[]): Refusal {
  const said = problems.length === 1 ? say`${file}: one problem` : say`${file}: ${problems.length} problems`
  return {
    ok: false,
    kind: 'invalid',
    message: english(said),
    said,
    problems: problems.map(problemDetail),
  }
}
