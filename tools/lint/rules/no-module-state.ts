import type { Node, Rule } from '../ast.ts'

/** A module-level `let` or `import.meta` would make two calls of one core function differ (design law L1). */
export const noModuleState: Rule = {
  create(context) {
    return {
      VariableDeclaration(node: Node) {
        const top = node.parent?.type === 'ExportNamedDeclaration' ? node.parent.parent : node.parent
        if (node.kind !== 'const' && top?.type === 'Program')
          context.report({ node, message: 'no state in a module of src/core: pass it in and return it' })
      },
      MetaProperty(node: Node) {
        context.report({ node, message: 'src/core does not know where it runs: no import.meta, no new.target' })
      },
    }
  },
}
