/** Mistakes that somebody could make in the decider, each as a few replaced pieces of its source. */
export type Edit = {
  /** Under `src/core`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export type Mutant = {
  readonly name: string
  /** More than one where the decider keeps the rule in several places, so that one alone changes nothing. */
  readonly edits: readonly Edit[]
  /** Where to look first: a part of the name of a scene. Everything is looked at either way. */
  readonly scene: string
  /** How many surprises it takes to show; 1 where nothing is said. */
  readonly surprises?: number
  /** It takes more than 12,000 states to show: planted in `test/long/mutations.test.ts`. */
  readonly isLong?: boolean
}

export const rollout = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  edits: [{ file: `rollout/${file}`, find, replace }],
  scene: '',
})

export const within = (scene: string, mutant: Mutant): Mutant => ({ ...mutant, scene })

export const also = (mutant: Mutant, { edits }: Mutant): Mutant => ({ ...mutant, edits: [...mutant.edits, ...edits] })
