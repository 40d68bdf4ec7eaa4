import type { Fault } from './faults.ts'

/** What differs between two builds. This file is the first release; `builds.ts` compiles another one in its place. */
export type Variant = {
  readonly version: string
  readonly features: readonly Feature[]
  readonly fault: Fault
}

/** `progress` shows how full a card is; `next-reward` says what the next full card brings. */
export type Feature = 'progress' | 'next-reward'

export const variant: Variant = { version: 'v1.0.0', features: [], fault: {} }
