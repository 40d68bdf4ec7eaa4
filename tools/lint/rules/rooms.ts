import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Context, Node, Rule } from '../ast.ts'
import { refuse } from '../rooms.ts'

const ROOT = realpathSync(join(import.meta.dirname, '../../..'))
const SRC = join(ROOT, 'src')
const DEPENDENCIES = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).dependencies)

/** Imports, exports-from and dynamic imports of a file under `src/` keep to the table of `../rooms.ts`. */
export const rooms: Rule = {
  create(context) {
    const file = relative(SRC, realpathSync(context.filename))
    if (file.startsWith('..')) return {}
    const check = (node: Node) => checkImport(context, file, node)
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    }
  },
}

function checkImport(context: Context, file: string, node: Node): void {
  if (!node.source) return
  const specifier = node.source.value
  if (typeof specifier !== 'string') {
    if (file.startsWith('core/')) context.report({ node, message: 'src/core may not import what only runs can tell' })
    return
  }
  const resolved = specifier.startsWith('.') ? relative(SRC, join(SRC, dirname(file), specifier)) : null
  const message = refuse({ from: file, specifier, resolved, dependencies: DEPENDENCIES })
  if (message !== null) context.report({ node, message: `${message} (docs/architecture.md)` })
}
