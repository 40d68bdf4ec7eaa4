import type { Node, Rule } from '../ast.ts'

/** Data is plain and functions are functions where decisions are made: no classes in `src/core` and `src/engine`. */
export const noClass: Rule = {
  create(context) {
    const report = (node: Node) =>
      context.report({ node, message: 'no classes here: a type for the data, functions beside it (design law L1)' })
    return { ClassDeclaration: report, ClassExpression: report }
  },
}
