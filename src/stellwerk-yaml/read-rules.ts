/** Reads the section `analysis` of a file by itself: rules for counts that no rollout has, said as in stellwerk.yaml. */
import { z } from 'zod'
import { say } from '../core/say.ts'
import { Analysis, type AnalysisEntry } from './analysis.ts'
import { analysisProblems, idleStarting } from './analysis-checks.ts'
import type { CheckProblem } from './check-problem.ts'
import { type Context, unknownKeys } from './explain.ts'
import type { JsonSchema } from './json-schema.ts'
import { knownKeys } from './known-keys.ts'
import { readSection } from './layers.ts'
import { type SpecProblem, show } from './problem.ts'
import { refused, type SpecText } from './read.ts'
import { analysisRules, startingOf } from './rules.ts'
import { withoutNamedExtensions } from './environments.ts'
import type { Starting } from '../core/analysis/sequential/options.ts'
import { type Finding, type MapNode, nearestNode, plain } from './tree.ts'
import type { Rule } from '../core/analysis/rules.ts'
import { decodeText, parseYaml } from './yaml.ts'

export type ReadRules =
  | { readonly ok: true; readonly rules: readonly Rule[]; readonly starting: Starting }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

const RulesFile = z.strictObject({ analysis: Analysis })

/** `problemsOf`: what the reader cannot use, though it could stand in stellwerk.yaml. */
export function readRules(
  { text, file }: SpecText,
  problemsOf: (entries: readonly AnalysisEntry[]) => readonly CheckProblem[],
): ReadRules {
  const decoded = decodeText(text)
  const parsed = decoded.ok ? parseYaml(decoded.text) : decoded
  if (!parsed.ok) return refused(parsed.findings, decoded.text, file)
  if (parsed.root.kind !== 'map') return refused([notAMap(parsed.root.at, plain(parsed.root))], decoded.text, file)
  const { analysis, findings } = readRoot(withoutNamedExtensions(parsed.root), problemsOf)
  if (analysis === null) return refused(findings, decoded.text, file)
  return { ok: true, rules: analysisRules(analysis.rules), starting: startingOf(analysis) }
}

function notAMap(at: number, value: unknown): Finding {
  return {
    at,
    path: [],
    message: say`expected a map that begins with \`analysis:\`, found ${show(value)}`,
    suggestion: null,
  }
}

function readRoot(root: MapNode, problemsOf: (entries: readonly AnalysisEntry[]) => readonly CheckProblem[]) {
  const schema = z.toJSONSchema(RulesFile, { io: 'input' }) as JsonSchema
  const context: Context = { root, known: knownKeys(schema), environment: null }
  const strangers = [...root.entries.keys()].filter((key) => key !== 'analysis' && !key.startsWith('x-'))
  const section = readSection('analysis', RulesFile.shape.analysis, context)
  const analysis = section.value as z.output<typeof Analysis> | undefined
  const checked =
    analysis === undefined
      ? []
      : [...analysisProblems(analysis), ...idleStarting([{ analysis }], { analysis }), ...problemsOf(analysis.rules)]
  const findings = [
    ...unknownKeys([], strangers, context),
    ...section.findings,
    ...checked.map((problem) => placed(problem, root)),
  ]
  return findings.length > 0 ? { analysis: null, findings } : { analysis: analysis!, findings }
}

function placed({ path, message, suggestion }: CheckProblem, root: MapNode): Finding {
  const { node } = nearestNode(root, path)
  return { at: node.at, path: node.path, message, suggestion: suggestion ?? null }
}
