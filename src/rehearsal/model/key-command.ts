/** The part of a node's hash that is an order. */
import type { Command, DesiredRoute } from '../../core/rollout/commands.ts'
import { canonicalJson } from '../../core/json.ts'
import { add, flag, word } from './hash.ts'

export function addCommand(command: Command): void {
  word(command.type)
  switch (command.type) {
    case 'EnsureSlot':
    case 'StopSlot':
      word(command.component)
      word(command.slot)
      return word(command.release)
    case 'SetRoute':
      word(command.component)
      word(command.as ?? '')
      return addRoute(command.route)
    case 'RemoveRoute':
      return word(command.component)
    case 'RunSmoke':
      return word(command.release ? `${command.target} of ${command.release}` : command.target)
    case 'OpenIncident':
      return word(command.title)
    case 'Observe':
      return flag(command.metrics)
    case 'Notify':
      return
    default:
      return word(canonicalJson(command))
  }
}

function addRoute({ weights, upstreams }: DesiredRoute): void {
  add(weights.blue * 128 + weights.green)
  add(upstreams.blue.length * 128 + upstreams.green.length)
}
