/** The sockets of all routes, each kept open by the guard as well, and which routes have none and why. */
import { samePort } from '../address.ts'
import type { DesiredRoute } from '../desired-route.ts'
import { neighbour } from './book.ts'
import { bind, type Socket } from './socket.ts'
import type { State, StoredRoute } from './state-file.ts'

/** Whoever else keeps the sockets open. */
export type Supervisor = { hold(socket: Socket): void; drop(address: string): void }

/** `heldBy`: the route of this router that has the address, and may give it up. */
export type NoSocket = { readonly error: string; readonly heldBy?: string }

export class Ports {
  readonly #supervisor: Supervisor
  readonly #sockets: Map<string, Socket>
  readonly #problems = new Map<string, string>()

  constructor(supervisor: Supervisor, inherited: readonly Socket[]) {
    this.#supervisor = supervisor
    this.#sockets = new Map(inherited.map((socket) => [socket.address, socket]))
  }

  get sockets(): ReadonlyMap<string, Socket> {
    return new Map(this.#sockets)
  }

  /** Routes that cannot listen: key → why. */
  get problems(): ReadonlyMap<string, string> {
    return this.#problems
  }

  /** The socket the route has, or a new one, or why there is none. */
  take(state: State, key: string, desired: DesiredRoute, old: StoredRoute | undefined): Socket | NoSocket {
    const own = old && this.#sockets.get(old.address)
    if (own && (desired.listen === old.desired.listen || desired.listen === old.address)) return own
    const other = neighbour(state, key, desired.listen)
    if (other) return { error: `route "${other.key}" of this router listens there`, heldBy: other.key }
    // A route that is taken over leaves its socket.
    const left = this.#sockets.get(desired.listen)
    if (left) return left
    const socket = bind(desired.listen)
    if (!('error' in socket)) {
      this.#add(socket)
      return socket
    }
    const near = state.routes.find((route) => route.key !== key && samePort(route.address, desired.listen))
    return near ? { ...socket, heldBy: near.key } : socket
  }

  /** Binds what a saved route had; the reason stays in `problems` when it cannot be had. */
  restore({ key, address }: StoredRoute): boolean {
    const own = this.#sockets.get(address)
    const socket = own ?? bind(address)
    if ('error' in socket) {
      this.#problems.set(key, `cannot listen on ${address}: ${socket.error}`)
      return false
    }
    this.#problems.delete(key)
    if (!own) this.#add(socket)
    return true
  }

  settled(key: string): void {
    this.#problems.delete(key)
  }

  release(address: string): void {
    this.#sockets.get(address)?.handle.close()
    this.#sockets.delete(address)
    this.#supervisor.drop(address)
  }

  /** Closes what a predecessor left and no route names. */
  keepOnly(routes: readonly StoredRoute[]): void {
    const named = new Set(routes.map(({ address }) => address))
    for (const address of this.#sockets.keys()) if (!named.has(address)) this.release(address)
  }

  closeAll(): void {
    for (const address of this.#sockets.keys()) this.release(address)
  }

  #add(socket: Socket): void {
    this.#sockets.set(socket.address, socket)
    this.#supervisor.hold(socket)
  }
}
