/** `[R-E04] …`, `[R-E04] [R-E05] …` and `[R-E04, R-E05] …`: every row that a title names, misspelt ones included. */
export function idsIn(title: string): readonly string[] {
  return [...title.matchAll(/\[(R-[^\]]*)\]/g)].flatMap(([, ids = '']) => ids.split(/[,\s]+/))
}
