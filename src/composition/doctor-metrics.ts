/** Asks the metrics source of every environment what a release would ask it, where the source can be asked beforehand. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createRedaction } from '../adapters/command/redact.ts'
import { registry } from '../adapters/registry.ts'
import { ownRulesOf } from '../core/analysis/own/rule.ts'
import type { MetricsAdapter } from '../adapters/kit.ts'
import { silent } from '../ports/log.ts'
import type { Records } from '../ports/adapter.ts'
import { analysisRules } from '../stellwerk-yaml/rules.ts'
import type { EnvironmentSpec } from '../stellwerk-yaml/spec.ts'
import { withSecrets } from '../stellwerk-yaml/to-plan.ts'
import { contextOf } from './adapter-instances.ts'
import { systemClock } from './clock.ts'
import { cleaned } from './border.ts'
import { readSpec } from './compile.ts'
import type { DoctorCheck } from './doctor-check.ts'

export async function metricsChecks(specFile: string | null): Promise<readonly DoctorCheck[]> {
  if (specFile === null) return []
  const read = readSpec({ text: await readFile(specFile, 'utf8'), file: specFile })
  if (!read.ok) return []
  const { service, environments } = read.value
  const folder = dirname(resolve(specFile))
  const each = Object.entries(environments).map(async ([name, spec]) => ofEnvironment({ service, name, folder }, spec))
  return (await Promise.all(each)).flat()
}

const NO_RECORDS: Records = { rehearsals: async () => [] }

type Where = { readonly service: string; readonly name: string; readonly folder: string }

async function ofEnvironment({ service, name, folder }: Where, spec: EnvironmentSpec): Promise<readonly DoctorCheck[]> {
  const adapter: MetricsAdapter | undefined = registry.metrics.find(({ kind }) => kind === spec.metrics.kind)
  if (!adapter?.inquire) return []
  const options = withSecrets(spec.metrics, spec.secrets, folder)
  const redaction = createRedaction()
  const rules = analysisRules(spec.analysis.rules)
  const [component = ''] = Object.entries(spec.components).flatMap(([name, { router }]) => (router ? [name] : []))
  const target = { service, environment: name, component }
  const deps = {
    dataFolder: folder,
    environment: process.env,
    clock: systemClock,
    log: silent,
    redaction,
    records: NO_RECORDS,
  }
  const context = contextOf(deps, { adapter, options, target })
  const queries = ownRulesOf(rules, component)
  const found = await adapter.inquire(options, context, { queries, tickMs: spec.rollout.tick })
  return found.map((check) => cleaned({ name: `metrics of ${name}`, ...check }, redaction.redact))
}
