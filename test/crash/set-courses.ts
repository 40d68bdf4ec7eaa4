/**
 * Releases that change the set of components: one that adds a component with a router and a worker, one that takes both away,
 * and one that adds them, is bad and is taken back.
 */
import { BAD_COURSE, type Course, type Kind, PLAIN_COURSE } from './everywhere.ts'

const ALONE: Kind = { quality: 'good', beside: [] }
const MORE: Kind = { quality: 'good', beside: ['web', 'jobs'] }

export const SET_COURSES: readonly Course[] = [
  { from: ALONE, to: MORE },
  { from: MORE, to: ALONE },
  { from: ALONE, to: { ...MORE, quality: 'bad' } },
]

/** What a change of the set shares with every other release is died through in the tests of those. */
export const OTHER_COURSES: readonly Course[] = [PLAIN_COURSE, BAD_COURSE]
