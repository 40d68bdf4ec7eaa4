/** The little of ESTree and of oxlint's plugin interface that our rules touch. */
export type Node = {
  readonly type: string
  readonly parent?: Node
  readonly source?: Node | null
  readonly value?: unknown
  readonly kind?: string
  readonly callee?: Node
  readonly name?: string
  readonly arguments?: readonly Node[]
}

export type Context = {
  readonly filename: string
  report(problem: { readonly message: string; readonly node: Node }): void
}

export type Rule = { create(context: Context): Readonly<Record<string, (node: Node) => void>> }
