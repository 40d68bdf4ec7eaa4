/**
 * How people and pipelines of a rehearsal are connected with the control plane. One that dies resets the connection of
 * whoever waits for its answer: what was ordered may have happened, or not.
 */
import type { ControlPlane } from '../engine/control-plane.ts'

export class ConnectionReset extends Error {
  constructor() {
    super('the control plane died before it answered: nobody knows what became of the order')
  }
}

export type Connection = { readonly controlPlane: ControlPlane; readonly reset: () => void }

export function connectionTo(controlPlane: ControlPlane): Connection {
  const end = Promise.withResolvers<void>()
  const lost = () => end.promise.then((): Promise<never> => Promise.reject(new ConnectionReset()))
  const connected = new Proxy(controlPlane, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      return (...given: readonly unknown[]) => {
        const answer: unknown = member.apply(target, given)
        return answer instanceof Promise ? Promise.race([answer, lost()]) : answer
      }
    },
  })
  return { controlPlane: connected, reset: end.resolve }
}
