/** What the control plane said, in German. A template that has none is shown as what it is: a quotation in English. */
import { english, filled, type Part, quote, type Sentence } from '../core/say.ts'
import { analysis } from './german/analysis.ts'
import { forecast } from './german/forecast.ts'
import { artifacts } from './german/artifacts.ts'
import { ci } from './german/ci.ts'
import { command } from './german/command.ts'
import { database } from './german/database.ts'
import { help } from './german/help.ts'
import { helpPolicies } from './german/help-policies.ts'
import { messages } from './german/messages.ts'
import { specProblems } from './german/spec-problems.ts'
import { specValues } from './german/spec-values.ts'
import { incident } from './german/incident.ts'
import { judge } from './german/judge.ts'
import { plan } from './german/plan.ts'
import { policy } from './german/policy.ts'
import { verbs } from './german/verbs.ts'
import { gates } from './german/gates.ts'
import { rollout } from './german/rollout.ts'
import { refusals } from './german/refusals.ts'
import { GERMAN_OF_STEPS } from './steps.ts'

export const TEMPLATES: Readonly<Record<string, string>> = {
  ...analysis,
  ...forecast,
  ...artifacts,
  ...ci,
  ...command,
  ...database,
  ...help,
  ...helpPolicies,
  ...incident,
  ...judge,
  ...messages,
  ...plan,
  ...policy,
  ...specProblems,
  ...specValues,
  ...verbs,
  ...gates,
  ...rollout,
  ...refusals,
  ...GERMAN_OF_STEPS,
}

/** What `analysis/text.ts` makes of a measurement: `5.8 %`, `1.2 GiB`, `1.24s`. `1.24` alone may be a version. */
const MEASURED = /^-?\d+\.\d+(?: %| [KMGT]iB|s)$/

export function german(told: Part): string {
  if (typeof told === 'number') return String(told).replace('.', ',')
  if (typeof told === 'string') return MEASURED.test(told) ? told.replace('.', ',') : told
  return 'quote' in told ? `„${told.quote}“` : sentence(told)
}

function sentence({ says, of }: Sentence): string {
  const template = Object.hasOwn(TEMPLATES, says) ? TEMPLATES[says] : hasWords(says) ? undefined : says
  if (template === undefined) return german(quote(filled(says, of.map(english))))
  return filled(template, of.map(german))
}

/** `{0}; {1}` says nothing that would be said otherwise. */
export function hasWords(template: string): boolean {
  return /\p{L}/u.test(template.replaceAll(/\{\d+\}/g, ''))
}
