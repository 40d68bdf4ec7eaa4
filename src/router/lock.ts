/** The lock of a folder, for the control plane, which needs one of the same kind. */
export { type Held, type Holder, hold, livingHolder } from './guard/lock.ts'
