import type { Json } from '../core/json.ts'

/** A request that its sender may repeat. `fingerprint` stands for all that it asks: a repetition asks the very same. */
export type OnceKey = { readonly owner: string; readonly key: string; readonly fingerprint: string }

/** `first`: nobody was answered under this key. `other`: somebody was, and had asked something else. */
export type Recalled =
  | { readonly kind: 'first' }
  | { readonly kind: 'known'; readonly answer: Json }
  | { readonly kind: 'other' }
