import { StoreUnavailableError } from '../ports/store.ts'

/** Row locks as a database has them: held until the owner's transaction ends, first come first served, no deadlock. */
export interface Locks {
  /** Resolves when `owner` holds `key`. Throws a transient `StoreUnavailableError` when that would never happen. */
  lock(owner: object, key: string): Promise<void>
  /** Like SKIP LOCKED: false instead of waiting. */
  tryLock(owner: object, key: string): boolean
  releaseAll(owner: object): void
}

type Waiter = { readonly owner: object; readonly go: () => void }
type Held = { owner: object; readonly waiters: Waiter[] }

export function memoryLocks(): Locks {
  const held = new Map<string, Held>()
  const waitsFor = new Map<object, string>()

  function wouldDeadlock(owner: object, key: string): boolean {
    let wanted: string | undefined = key
    while (wanted !== undefined) {
      const holder: object | undefined = held.get(wanted)?.owner
      if (holder === owner) return true
      wanted = holder && waitsFor.get(holder)
    }
    return false
  }

  function tryLock(owner: object, key: string): boolean {
    const lock = held.get(key)
    if (lock === undefined) held.set(key, { owner, waiters: [] })
    return lock === undefined || lock.owner === owner
  }

  function pass(key: string, lock: Held): void {
    const next = lock.waiters.shift()
    if (next === undefined) {
      held.delete(key)
      return
    }
    lock.owner = next.owner
    waitsFor.delete(next.owner)
    next.go()
  }

  return {
    tryLock,
    async lock(owner, key) {
      if (tryLock(owner, key)) return
      if (wouldDeadlock(owner, key)) throw new StoreUnavailableError('transient', `deadlock over ${key}: try again`)
      waitsFor.set(owner, key)
      await new Promise<void>((go) => held.get(key)?.waiters.push({ owner, go }))
    },
    releaseAll(owner) {
      for (const [key, lock] of held) if (lock.owner === owner) pass(key, lock)
    },
  }
}
