/** Answers of earlier versions in the words of today, for who holds them against what is answered now. */
export type Answer = { readonly steps?: { readonly back: unknown; readonly backAt: unknown } }

/** 0.1.0 called the steps of a rollback `back`. */
export function inTodaysWords(answer: Answer): object {
  if (!answer.steps) return answer
  const { back, backAt, ...steps } = answer.steps
  return { ...answer, steps: { ...steps, rollback: back, rollbackAt: backAt } }
}
