import type { BackStep, Step } from '../core/plan.ts'
import { formatDuration } from '../core/time.ts'

/** What each step of a plan, and of the way back, is called on screen. `isFirst`: nothing is live beside it. */
export function enStep(step: Step | BackStep, isFirst = false): string {
  switch (step.kind) {
    case 'gates':
      return 'check the gates'
    case 'approvals':
      return 'collect the approvals'
    case 'deploy':
      return `start ${step.component}${isFirst ? '' : ' beside live'} (${step.instances} ${step.instances === 1 ? 'instance' : 'instances'})`
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
      return enBackStep(step, isFirst)
  }
}

function enBackStep(step: BackStep, isFirst: boolean): string {
  switch (step.kind) {
    case 'damp':
      return 'mitigate'
    case 'restore-previous':
      return 'make sure the previous version is ready'
    case 'traffic-back':
      return isFirst ? 'show the maintenance page' : 'return all traffic'
    case 'stop-candidate':
      return 'stop the candidate'
    case 'schema':
      return 'migrate the schema back'
    case 'smoke-live':
      return 'smoke-test live'
    case 'watch':
      return `watch for ${formatDuration(step.holdMs)}`
  }
}

export function deStep(step: Step | BackStep, isFirst = false): string {
  switch (step.kind) {
    case 'gates':
      return 'Gates prüfen'
    case 'approvals':
      return 'Freigaben einholen'
    case 'deploy':
      return `${step.component}${isFirst ? '' : ' neben live'} starten (${step.instances} ${step.instances === 1 ? 'Instanz' : 'Instanzen'})`
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
      return deBackStep(step, isFirst)
  }
}

function deBackStep(step: BackStep, isFirst: boolean): string {
  switch (step.kind) {
    case 'damp':
      return 'Schaden begrenzen'
    case 'restore-previous':
      return 'sicherstellen, dass die vorige Version bereit ist'
    case 'traffic-back':
      return isFirst ? 'Wartungsseite zeigen' : 'allen Verkehr zurückholen'
    case 'stop-candidate':
      return 'Kandidaten stoppen'
    case 'schema':
      return 'Schema zurückmigrieren'
    case 'smoke-live':
      return 'Smoke-Tests an live'
    case 'watch':
      return `${formatDuration(step.holdMs)} beobachten`
  }
}
