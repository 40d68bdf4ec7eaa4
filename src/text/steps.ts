import type { RollbackStep, Step } from '../core/plan.ts'
import { formatDuration } from '../core/time.ts'

type Deploy = Extract<Step, { kind: 'deploy' }>

const EN_WORKERS = { first: 'start the workers', next: "stop live's workers, then start the candidate's" }
const DE_WORKERS = { first: 'Worker starten', next: 'Worker von live stoppen, dann die des Kandidaten starten' }

/** What each step of a plan, and of the way back, is called on screen. `isFirst`: nothing is live beside it. */
export function enStep(step: Step | RollbackStep, isFirst = false): string {
  switch (step.kind) {
    case 'gates':
      return 'check the gates'
    case 'approvals':
      return 'collect the approvals'
    case 'deploy':
      return enDeploy(step, isFirst)
    case 'activate':
      return EN_WORKERS[isFirst ? 'first' : 'next']
    case 'migrate':
      return 'migrate the schema (expand)'
    case 'smoke':
      return 'smoke-test the candidate'
    case 'shift':
      return `shift traffic to ${step.weight} %`
    case 'hold':
      return `hold at ${step.weight} % for ${formatDuration(step.holdMs)}, under analysis`
    case 'bake':
      return `bake at 100 % for ${formatDuration(step.holdMs)}`
    case 'verify-live':
      return 'smoke-test live'
    case 'finalize':
      return 'finalize: the candidate becomes live'
    default:
      return enRollbackStep(step, isFirst)
  }
}

function enDeploy({ component, instances }: Deploy, isFirst: boolean): string {
  const beside = isFirst ? '' : ' beside live'
  return `start ${component}${beside} (${instances} ${instances === 1 ? 'instance' : 'instances'})`
}

function enRollbackStep(step: RollbackStep, isFirst: boolean): string {
  switch (step.kind) {
    case 'mitigate':
      return 'mitigate'
    case 'restore-previous':
      return 'make sure the previous version is ready'
    case 'traffic-back':
      return isFirst ? 'show the maintenance page' : 'return all traffic'
    case 'stop-candidate':
      return 'stop the candidate'
    case 'schema':
      return 'migrate the schema back'
    case 'reactivate':
      return "start the previous version's workers"
    case 'smoke-live':
      return 'smoke-test live'
    case 'watch':
      return `watch for ${formatDuration(step.holdMs)}`
  }
}

export function deStep(step: Step | RollbackStep, isFirst = false): string {
  switch (step.kind) {
    case 'gates':
      return 'Gates prüfen'
    case 'approvals':
      return 'Freigaben einholen'
    case 'deploy':
      return deDeploy(step, isFirst)
    case 'activate':
      return DE_WORKERS[isFirst ? 'first' : 'next']
    case 'migrate':
      return 'Schema migrieren (expand)'
    case 'smoke':
      return 'Smoke-Tests am Kandidaten'
    case 'shift':
      return `Verkehr auf ${step.weight} % verlagern`
    case 'hold':
      return `${step.weight} % für ${formatDuration(step.holdMs)} halten, unter Analyse`
    case 'bake':
      return `bei 100 % für ${formatDuration(step.holdMs)} beobachten`
    case 'verify-live':
      return 'Smoke-Tests an live'
    case 'finalize':
      return 'abschließen: der Kandidat wird live'
    default:
      return deRollbackStep(step, isFirst)
  }
}

function deDeploy({ component, instances }: Deploy, isFirst: boolean): string {
  const beside = isFirst ? '' : ' neben live'
  return `${component}${beside} starten (${instances} ${instances === 1 ? 'Instanz' : 'Instanzen'})`
}

function deRollbackStep(step: RollbackStep, isFirst: boolean): string {
  switch (step.kind) {
    case 'mitigate':
      return 'Schaden begrenzen'
    case 'restore-previous':
      return 'sicherstellen, dass die vorige Version bereit ist'
    case 'traffic-back':
      return isFirst ? 'Wartungsseite zeigen' : 'allen Verkehr zurückholen'
    case 'stop-candidate':
      return 'Kandidaten stoppen'
    case 'schema':
      return 'Schema zurückmigrieren'
    case 'reactivate':
      return 'Worker der vorigen Version starten'
    case 'smoke-live':
      return 'Smoke-Tests an live'
    case 'watch':
      return `${formatDuration(step.holdMs)} beobachten`
  }
}
