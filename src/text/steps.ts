/**
 * What each kind of step, forward and back, is called on screen, and in German what is waited for while it lasts: one place
 * per kind. (The English of that stands with the kind itself, which the log and the API say too.)
 */
import type { KnownRollbackStep, KnownStep } from '../core/rollout/steps/index.ts'
import type { RollbackStep, Step } from '../core/plan.ts'
import { formatDuration } from '../core/time.ts'
import type { WaitName } from '../core/views.ts'

type Named<S> = (step: S, isFirst: boolean) => string

/** `isFirst`: nothing is live beside it. `deWait` goes on after "wartet auf". */
type StepTexts<S> = {
  readonly en: Named<S>
  readonly de: Named<S>
  readonly deWait: (wait: WaitName) => string
}

type Every<S extends { readonly kind: string }> = {
  readonly [K in S['kind']]: StepTexts<Extract<S, { readonly kind: K }>>
}

const FORWARD: Every<KnownStep> = {
  gates: {
    en: () => 'check the gates',
    de: () => 'Gates prüfen',
    deWait: ({ subject }) => (subject === null ? 'die Gates' : `die Gates ${subject}`),
  },
  approvals: {
    en: () => 'collect the approvals',
    de: () => 'Freigaben einholen',
    deWait: ({ subject }) => `Freigabe als ${subject}`,
  },
  deploy: {
    en: ({ component, instances }, isFirst) =>
      `start ${component}${isFirst ? '' : ' beside live'} (${instances} ${instances === 1 ? 'instance' : 'instances'})`,
    de: ({ component, instances }, isFirst) =>
      `${component}${isFirst ? '' : ' neben live'} starten (${instances} ${instances === 1 ? 'Instanz' : 'Instanzen'})`,
    deWait: ({ subject }) => String(subject),
  },
  activate: {
    en: (_, isFirst) => (isFirst ? 'start the workers' : "stop live's workers, then start the candidate's"),
    de: (_, isFirst) => (isFirst ? 'Worker starten' : 'Worker von live stoppen, dann die des Kandidaten starten'),
    deWait: () => 'die Worker des Kandidaten',
  },
  migrate: {
    en: () => 'migrate the schema (expand)',
    de: () => 'Schema migrieren (expand)',
    deWait: () => 'die Migration',
  },
  smoke: {
    en: () => 'smoke-test the candidate',
    de: () => 'Smoke-Tests am Kandidaten',
    deWait: () => 'die Smoke-Tests des Kandidaten',
  },
  shift: {
    en: ({ weight }) => `shift traffic to ${weight} %`,
    de: ({ weight }) => `Verkehr auf ${weight} % verlagern`,
    deWait: ({ weight }) => `${weight} % Verkehr beim Kandidaten`,
  },
  hold: {
    en: ({ weight, holdMs }) => `hold at ${weight} % for ${formatDuration(holdMs)}, under analysis`,
    de: ({ weight, holdMs }) => `${weight} % für ${formatDuration(holdMs)} halten, unter Analyse`,
    deWait: ({ weight, lastsMs }) => `das Ende der Stufe mit ${weight} %${lasts(lastsMs)}`,
  },
  bake: {
    en: ({ holdMs }) => `bake at 100 % for ${formatDuration(holdMs)}`,
    de: ({ holdMs }) => `bei 100 % für ${formatDuration(holdMs)} beobachten`,
    deWait: ({ lastsMs }) => `das Ende der Beobachtung${lasts(lastsMs)}`,
  },
  'verify-live': {
    en: () => 'smoke-test live',
    de: () => 'Smoke-Tests an live',
    deWait: () => 'die Smoke-Tests von live',
  },
  finalize: {
    en: () => 'finalize: the candidate becomes live',
    de: () => 'abschließen: der Kandidat wird live',
    deWait: () => 'den Abschluss',
  },
}

const ROLLBACK: Every<KnownRollbackStep> = {
  mitigate: {
    en: () => 'mitigate',
    de: () => 'Schaden begrenzen',
    deWait: () => 'die Begrenzung des Schadens',
  },
  'restore-previous': {
    en: () => 'make sure the previous version is ready',
    de: () => 'sicherstellen, dass die vorige Version bereit ist',
    deWait: () => 'die vorige Version',
  },
  'traffic-back': {
    en: (_, isFirst) => (isFirst ? 'show the maintenance page' : 'return all traffic'),
    de: (_, isFirst) => (isFirst ? 'Wartungsseite zeigen' : 'allen Verkehr zurückholen'),
    deWait: () => 'die Rückkehr des Verkehrs',
  },
  'stop-candidate': {
    en: () => 'stop the candidate',
    de: () => 'Kandidaten stoppen',
    deWait: () => 'das Ende des Kandidaten',
  },
  schema: {
    en: () => 'migrate the schema back',
    de: () => 'Schema zurückmigrieren',
    deWait: () => 'die Rückmigration des Schemas',
  },
  reactivate: {
    en: () => "start the previous version's workers",
    de: () => 'Worker der vorigen Version starten',
    deWait: () => 'die Worker der vorigen Version',
  },
  'smoke-live': {
    en: () => 'smoke-test live',
    de: () => 'Smoke-Tests an live',
    deWait: () => 'die Smoke-Tests von live',
  },
  watch: {
    en: ({ holdMs }) => `watch for ${formatDuration(holdMs)}`,
    de: ({ holdMs }) => `${formatDuration(holdMs)} beobachten`,
    deWait: ({ lastsMs }) => `das Ende der Beobachtung${lasts(lastsMs)}`,
  },
}

const ALL = { ...FORWARD, ...ROLLBACK } as unknown as Readonly<Record<string, StepTexts<Step | RollbackStep>>>

function lasts(ms: number | null): string {
  return ms === null ? '' : ` (${formatDuration(ms)})`
}

/** A kind that another version wrote is called as it calls itself. */
export function enStep(step: Step | RollbackStep, isFirst = false): string {
  return ALL[step.kind]?.en(step, isFirst) ?? step.kind
}

export function deStep(step: Step | RollbackStep, isFirst = false): string {
  return ALL[step.kind]?.de(step, isFirst) ?? step.kind
}

export function deStepWait(wait: WaitName): string | null {
  return ALL[wait.kind]?.deWait(wait) ?? null
}
