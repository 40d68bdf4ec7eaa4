/** What guard and primary say to each other over the IPC channel between them, whichever started the other. */

/** A process by its id and its start time: an id alone may be somebody else's by now. */
export type ProcessMark = { readonly pid: number; readonly processStart: string }

export type ToGuard =
  /** Comes with the bound socket, which the guard keeps open as well. */
  | { readonly type: 'hold'; readonly address: string }
  | { readonly type: 'drop'; readonly address: string }
  /** The workers that live now: a successor of this primary relieves them. */
  | { readonly type: 'workers'; readonly workers: readonly ProcessMark[] }
  /** It serves: from now on its end is a crash, whatever its exit code says. */
  | { readonly type: 'ready' }
  | { readonly type: 'alive' }
  /** It stops on request: nobody is to be started after it. */
  | { readonly type: 'ending' }

export type ToPrimary =
  /** Comes with a bound socket of a predecessor. */
  | { readonly type: 'socket'; readonly address: string }
  /** All sockets have been handed over. */
  | { readonly type: 'inherited'; readonly workers: readonly ProcessMark[] }
  | { readonly type: 'stop' }

/** Argument with which a primary starts a guard for itself: it has no primary to start. */
export const RELIEF = '--relief'
