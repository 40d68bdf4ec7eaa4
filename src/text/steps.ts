/** What each kind of step, forward and back, is called on screen: one place per kind, in both languages. */
import type { KnownRollbackStep, KnownStep } from '../core/rollout/steps/index.ts'
import type { RollbackStep, Step } from '../core/plan.ts'
import { formatDuration } from '../core/time.ts'

type Named<S> = (step: S, isFirst: boolean) => string

/** `isFirst`: nothing is live beside it. */
type StepTexts<S> = {
  readonly en: Named<S>
  readonly de: Named<S>
}

type Every<S extends { readonly kind: string }> = {
  readonly [K in S['kind']]: StepTexts<Extract<S, { readonly kind: K }>>
}

const FORWARD: Every<KnownStep> = {
  gates: {
    en: () => 'check the gates',
    de: () => 'Gates prüfen',
  },
  approvals: {
    en: () => 'collect the approvals',
    de: () => 'Freigaben einholen',
  },
  deploy: {
    en: ({ component, instances }, isFirst) =>
      `start ${component}${isFirst ? '' : ' beside live'} (${instances} ${instances === 1 ? 'instance' : 'instances'})`,
    de: ({ component, instances }, isFirst) =>
      `${component}${isFirst ? '' : ' neben live'} starten (${instances} ${instances === 1 ? 'Instanz' : 'Instanzen'})`,
  },
  activate: {
    en: (_, isFirst) => (isFirst ? 'start the workers' : "stop live's workers, then start the candidate's"),
    de: (_, isFirst) => (isFirst ? 'Worker starten' : 'Worker von live stoppen, dann die des Kandidaten starten'),
  },
  migrate: {
    en: () => 'migrate the schema (expand)',
    de: () => 'Schema migrieren (expand)',
  },
  smoke: {
    en: () => 'smoke-test the candidate',
    de: () => 'Smoke-Tests am Kandidaten',
  },
  shift: {
    en: ({ weight }) => `shift traffic to ${weight} %`,
    de: ({ weight }) => `Verkehr auf ${weight} % verlagern`,
  },
  hold: {
    en: ({ weight, holdMs }) => `hold at ${weight} % for ${formatDuration(holdMs)}, under analysis`,
    de: ({ weight, holdMs }) => `${weight} % für ${formatDuration(holdMs)} halten, unter Analyse`,
  },
  bake: {
    en: ({ holdMs }) => `bake at 100 % for ${formatDuration(holdMs)}`,
    de: ({ holdMs }) => `bei 100 % für ${formatDuration(holdMs)} beobachten`,
  },
  'verify-live': {
    en: () => 'smoke-test live',
    de: () => 'Smoke-Tests an live',
  },
  finalize: {
    en: () => 'finalize: the candidate becomes live',
    de: () => 'abschließen: der Kandidat wird live',
  },
}

const ROLLBACK: Every<KnownRollbackStep> = {
  mitigate: {
    en: () => 'mitigate',
    de: () => 'Schaden begrenzen',
  },
  'restore-previous': {
    en: () => 'make sure the previous version is ready',
    de: () => 'sicherstellen, dass die vorige Version bereit ist',
  },
  'traffic-back': {
    en: (_, isFirst) => (isFirst ? 'show the maintenance page' : 'return all traffic'),
    de: (_, isFirst) => (isFirst ? 'Wartungsseite zeigen' : 'allen Verkehr zurückholen'),
  },
  'stop-candidate': {
    en: () => 'stop the candidate',
    de: () => 'Kandidaten stoppen',
  },
  schema: {
    en: () => 'migrate the schema back',
    de: () => 'Schema zurückmigrieren',
  },
  reactivate: {
    en: () => "start the previous version's workers",
    de: () => 'Worker der vorigen Version starten',
  },
  'smoke-live': {
    en: () => 'smoke-test live',
    de: () => 'Smoke-Tests an live',
  },
  watch: {
    en: ({ holdMs }) => `watch for ${formatDuration(holdMs)}`,
    de: ({ holdMs }) => `${formatDuration(holdMs)} beobachten`,
  },
}

const ALL = { ...FORWARD, ...ROLLBACK } as unknown as Readonly<Record<string, StepTexts<Step | RollbackStep>>>

/** A kind that another version wrote is called as it calls itself. */
export function enStep(step: Step | RollbackStep, isFirst = false): string {
  return ALL[step.kind]?.en(step, isFirst) ?? step.kind
}

export function deStep(step: Step | RollbackStep, isFirst = false): string {
  return ALL[step.kind]?.de(step, isFirst) ?? step.kind
}
