import type { BackStep, Step } from '../core/plan.ts'
import { formatDuration } from '../core/time.ts'

/** What each step of a plan, and of the way back, is called on screen. */
export function enStep(step: Step | BackStep): string {
  switch (step.kind) {
    case 'gates':
      return 'check the gates'
    case 'approvals':
      return 'collect the approvals'
    case 'deploy':
      return `start ${step.component} beside live (${step.instances} ${step.instances === 1 ? 'instance' : 'instances'})`
    case 'activate':
      return "stop live's workers, then start the candidate's"
    case 'migrate':
      return 'migrate the schema (expand)'
    case 'smoke':
      return 'smoke-test the candidate'
    case 'shift':
      return `shift ${step.weight} % of traffic`
    case 'hold':
      return `hold ${step.weight} % for ${formatDuration(step.holdMs)} under analysis`
    case 'bake':
      return `bake at 100 % for ${formatDuration(step.holdMs)}`
    case 'verify-live':
      return 'smoke-test live'
    case 'finalize':
      return 'finalize: the candidate is live for good'
    default:
      return enBackStep(step)
  }
}

function enBackStep(step: BackStep): string {
  switch (step.kind) {
    case 'damp':
      return 'damp the damage'
    case 'restore-previous':
      return 'make sure the previous version stands'
    case 'traffic-back':
      return 'send all traffic back'
    case 'stop-candidate':
      return 'stop the candidate'
    case 'schema':
      return 'take the schema back'
    case 'reactivate':
      return "start the previous version's workers"
    case 'smoke-live':
      return 'smoke-test live'
    case 'watch':
      return `watch for ${formatDuration(step.holdMs)}`
  }
}

export function deStep(step: Step | BackStep): string {
  switch (step.kind) {
    case 'gates':
      return 'Gates prüfen'
    case 'approvals':
      return 'Freigaben einholen'
    case 'deploy':
      return `${step.component} neben live starten (${step.instances} ${step.instances === 1 ? 'Instanz' : 'Instanzen'})`
    case 'activate':
      return 'Worker von live stoppen, dann die des Kandidaten starten'
    case 'migrate':
      return 'Schema migrieren (expand)'
    case 'smoke':
      return 'Smoke-Tests am Kandidaten'
    case 'shift':
      return `${step.weight} % des Verkehrs verlagern`
    case 'hold':
      return `${step.weight} % für ${formatDuration(step.holdMs)} unter Analyse halten`
    case 'bake':
      return `bei 100 % für ${formatDuration(step.holdMs)} beobachten`
    case 'verify-live':
      return 'Smoke-Tests an live'
    case 'finalize':
      return 'abschließen: der Kandidat ist endgültig live'
    default:
      return deBackStep(step)
  }
}

function deBackStep(step: BackStep): string {
  switch (step.kind) {
    case 'damp':
      return 'Schaden dämpfen'
    case 'restore-previous':
      return 'sicherstellen, dass die vorige Version steht'
    case 'traffic-back':
      return 'allen Verkehr zurückschicken'
    case 'stop-candidate':
      return 'Kandidaten stoppen'
    case 'schema':
      return 'Schema zurücknehmen'
    case 'reactivate':
      return 'Worker der vorigen Version starten'
    case 'smoke-live':
      return 'Smoke-Tests an live'
    case 'watch':
      return `${formatDuration(step.holdMs)} beobachten`
  }
}
