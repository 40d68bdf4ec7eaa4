/** What each kind of step, forward and back, is called on screen: one place per kind, in both languages. */
import {
  type ForwardPhase,
  type KnownRollbackStep,
  type KnownStep,
  type RollbackPhase,
  forwardKind,
  rollbackKind,
} from '../core/rollout/steps/index.ts'
import type { RollbackStep, Step } from '../core/plan.ts'
import { formatDuration } from '../core/time.ts'

type Named<S> = (step: S, isFirst: boolean) => string

/** `isFirst`: nothing is live beside it. */
type StepTexts<S> = {
  readonly en: Named<S>
  readonly de: Named<S>
  /** What goes on meanwhile: its phase. */
  readonly phase: { readonly en: string; readonly de: string }
  /** The German of what its kind says, by template; what is waited for goes on after "wartet auf". */
  readonly german: Readonly<Record<string, string>>
}

type Every<S extends { readonly kind: string }> = {
  readonly [K in S['kind']]: StepTexts<Extract<S, { readonly kind: K }>>
}

const FORWARD: Every<KnownStep> = {
  gates: {
    en: () => 'check the gates',
    de: () => 'Gates prüfen',
    phase: { en: 'checking gates', de: 'prüft die Gates' },
    german: { 'the gates': 'die Gates', 'the gates {0}': 'die Gates {0}' },
  },
  approvals: {
    en: () => 'collect the approvals',
    de: () => 'Freigaben einholen',
    phase: { en: 'waiting for approval', de: 'wartet auf Freigaben' },
    german: { approvals: 'Freigaben' },
  },
  deploy: {
    en: ({ component, instances }, isFirst) =>
      `start ${component}${isFirst ? '' : ' beside live'} (${instances} ${instances === 1 ? 'instance' : 'instances'})`,
    de: ({ component, instances }, isFirst) =>
      `${component}${isFirst ? '' : ' neben live'} starten (${instances} ${instances === 1 ? 'Instanz' : 'Instanzen'})`,
    phase: { en: 'starting the candidate', de: 'startet den Kandidaten' },
    german: { '{0} to be ready': '{0}' },
  },
  activate: {
    en: (_, isFirst) => (isFirst ? 'start the workers' : "stop live's workers, then start the candidate's"),
    de: (_, isFirst) => (isFirst ? 'Worker starten' : 'Worker von live stoppen, dann die des Kandidaten starten'),
    phase: { en: 'switching workers', de: 'wechselt die Worker' },
    german: { 'the workers of the candidate': 'die Worker des Kandidaten' },
  },
  migrate: {
    en: () => 'migrate the schema (expand)',
    de: () => 'Schema migrieren (expand)',
    phase: { en: 'migrating', de: 'migriert' },
    german: { 'the migration': 'die Migration' },
  },
  smoke: {
    en: () => 'smoke-test the candidate',
    de: () => 'Smoke-Tests am Kandidaten',
    phase: { en: 'smoke tests', de: 'Smoke-Tests' },
    german: { 'the smoke tests of the candidate': 'die Smoke-Tests des Kandidaten' },
  },
  shift: {
    en: ({ weight }) => `shift traffic to ${weight} %`,
    de: ({ weight }) => `Verkehr auf ${weight} % verlagern`,
    phase: { en: 'shifting traffic', de: 'verlagert den Verkehr' },
    german: { 'traffic to be at {0} %': '{0} % Verkehr beim Kandidaten' },
  },
  hold: {
    en: ({ weight, holdMs }) => `hold at ${weight} % for ${formatDuration(holdMs)}, under analysis`,
    de: ({ weight, holdMs }) => `${weight} % für ${formatDuration(holdMs)} halten, unter Analyse`,
    phase: { en: 'holding', de: 'hält' },
    german: { 'the {0} hold at {1} %': 'das Ende der Stufe mit {1} % ({0})' },
  },
  bake: {
    en: ({ holdMs, weight = 100 }) =>
      `bake at ${weight} % for ${formatDuration(holdMs)}${weight < 100 ? `; ${100 - weight} % stay on live to compare with` : ''}`,
    de: ({ holdMs, weight = 100 }) =>
      `bei ${weight} % für ${formatDuration(holdMs)} beobachten${weight < 100 ? `; ${100 - weight} % bleiben zum Vergleich auf live` : ''}`,
    phase: { en: 'baking', de: 'beobachtet' },
    german: {
      'the {0} bake': 'das Ende der Beobachtung ({0})',
      'the {0} bake at {1} %': 'das Ende der Beobachtung bei {1} % ({0})',
      'the {0} bake, without the {1} % on live, which is down':
        'das Ende der Beobachtung ({0}), ohne die {1} % auf live, das ausgefallen ist',
    },
  },
  'verify-live': {
    en: () => 'smoke-test live',
    de: () => 'Smoke-Tests an live',
    phase: { en: 'verifying live', de: 'prüft live' },
    german: { 'the smoke tests of live': 'die Smoke-Tests von live' },
  },
  finalize: {
    en: () => 'finalize: the candidate becomes live',
    de: () => 'abschließen: der Kandidat wird live',
    phase: { en: 'finalizing', de: 'schließt ab' },
    german: { 'the candidate to become live': 'den Abschluss' },
  },
}

const ROLLBACK: Every<KnownRollbackStep> = {
  mitigate: {
    en: () => 'mitigate',
    de: () => 'Schaden begrenzen',
    phase: { en: 'rolling back: mitigating', de: 'rollt zurück: begrenzt den Schaden' },
    german: { 'the mitigation': 'die Begrenzung des Schadens' },
  },
  'restore-previous': {
    en: () => 'make sure the previous version is ready',
    de: () => 'sicherstellen, dass die vorige Version bereit ist',
    phase: {
      en: 'rolling back: making sure the previous version is ready',
      de: 'rollt zurück: sichert die vorige Version',
    },
    german: { 'the previous version to be ready': 'die vorige Version' },
  },
  'traffic-back': {
    en: (_, isFirst) => (isFirst ? 'show the maintenance page' : 'return all traffic'),
    de: (_, isFirst) => (isFirst ? 'Wartungsseite zeigen' : 'allen Verkehr zurückholen'),
    phase: { en: 'rolling back: returning traffic', de: 'rollt zurück: holt den Verkehr zurück' },
    german: { 'all traffic to be back': 'die Rückkehr des Verkehrs' },
  },
  'stop-candidate': {
    en: () => 'stop the candidate',
    de: () => 'Kandidaten stoppen',
    phase: { en: 'rolling back: stopping the candidate', de: 'rollt zurück: stoppt den Kandidaten' },
    german: { 'the candidate to stop': 'das Ende des Kandidaten' },
  },
  schema: {
    en: () => 'migrate the schema back',
    de: () => 'Schema zurückmigrieren',
    phase: { en: 'rolling back: migrating the schema back', de: 'rollt zurück: migriert das Schema zurück' },
    german: { 'the schema to be migrated back': 'die Rückmigration des Schemas' },
  },
  reactivate: {
    en: () => "start the previous version's workers",
    de: () => 'Worker der vorigen Version starten',
    phase: { en: 'rolling back: starting the previous workers', de: 'rollt zurück: startet die vorigen Worker' },
    german: { 'the workers of the previous version': 'die Worker der vorigen Version' },
  },
  'smoke-live': {
    en: () => 'smoke-test live',
    de: () => 'Smoke-Tests an live',
    phase: { en: 'rolling back: smoke tests', de: 'rollt zurück: Smoke-Tests' },
    german: { 'the smoke tests of live': 'die Smoke-Tests von live' },
  },
  watch: {
    en: ({ holdMs }) => `watch for ${formatDuration(holdMs)}`,
    de: ({ holdMs }) => `${formatDuration(holdMs)} beobachten`,
    phase: { en: 'rolling back: watching', de: 'rollt zurück: beobachtet' },
    german: { 'the {0} watch': 'das Ende der Beobachtung ({0})' },
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

type StepPhase = ForwardPhase | RollbackPhase

export function stepPhases(language: 'en' | 'de'): Readonly<Record<StepPhase, string>> {
  const forward = Object.entries(FORWARD).map(([kind, { phase }]) => [forwardKind({ kind }).phase, phase[language]])
  const back = Object.entries(ROLLBACK).map(([kind, { phase }]) => [rollbackKind({ kind }).phase, phase[language]])
  return Object.fromEntries([...forward, ...back]) as Record<StepPhase, string>
}

export const GERMAN_OF_STEPS: Readonly<Record<string, string>> = Object.assign(
  {},
  ...Object.values(ALL).map(({ german }) => german),
)
