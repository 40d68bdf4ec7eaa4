/** In which order files are run: the long ones first, so that none of them is left alone at the end of the run. */

/**
 * Seconds that a file takes on two free cores, where that is ten and more: from "slowest" lists, rounded. Only their order
 * counts. A name that is gone fails `test/house-test.test.ts`.
 */
export const SECONDS: Readonly<Record<string, number>> = {
  'test/crash/good-rollout.test.ts': 120,
  'test/crash/bad-rollout.test.ts': 70,
}

const OTHERS_SECONDS = 5

/** Crash tests play several worlds at once, and the model checker has a search that never waits. */
export function fillsMachine(file: string): boolean {
  return /(^|\/)test\/(crash|model)\//.test(file)
}

/** `files` are paths below the repository; of two that take as long the name decides. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const seconds = (file: string) => SECONDS[file] ?? OTHERS_SECONDS
  return files.toSorted((one, other) => seconds(other) - seconds(one) || (one < other ? -1 : 1))
}
