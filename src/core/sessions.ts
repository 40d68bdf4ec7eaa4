type Routed = { readonly router?: { readonly [option: string]: unknown } | null | undefined }

/** Whether the router of any of these components keeps sessions on the side where they began. */
export function keepsSessions(components: readonly Routed[]): boolean {
  return components.some(({ router }) => isSticky(router?.['sticky']))
}

/** `{ kind: cookie, name: session }`, as the router's options have it; `none` or nothing is not. */
function isSticky(sticky: unknown): boolean {
  return typeof sticky === 'object' && sticky !== null && 'kind' in sticky && sticky.kind !== 'none'
}
