import { randomFrom } from '../../testing/fake-metrics.ts'

/** Everything that is left to chance in a world, from its seed: the same seed, the same world, on every machine. */
export type Dice = {
  /** Whole numbers from `least` to `most`, both included. */
  readonly between: (least: number, most: number) => number
  readonly one: <T>(of: readonly [T, ...T[]]) => T
  /** True with that probability. */
  readonly chance: (ratio: number) => boolean
  readonly several: <T>(most: number, draw: () => T) => readonly T[]
}

export function diceFrom(seed: number): Dice {
  const random = randomFrom(seed)
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  return {
    between,
    one: (of) => of[between(0, of.length - 1)] ?? of[0],
    chance: (ratio) => random() < ratio,
    several: (most, draw) => Array.from({ length: between(0, most) }, draw),
  }
}
