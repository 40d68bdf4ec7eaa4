/** Which build this is; the bundler puts it in the place of `RELEASE`. */
export type Release = {
  readonly version: string
  /** What is wrong with it; null for a good one. */
  readonly fault: string | null
}

declare const RELEASE: Release

export const release: Release = RELEASE
