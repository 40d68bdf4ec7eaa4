/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`: the form in which desired routes name addresses. */
export type Address = { readonly host: string; readonly port: number }

const FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/

/** Null when `text` is not `host:port` with a port up to 65535; port 0 means "any free one". */
export function parseAddress(text: string): Address | null {
  const match = FORM.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) return null
  return { host, port }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Of one port a machine has several addresses, some of which cover others (`0.0.0.0:80`, `127.0.0.1:80`). */
export function samePort(left: string, right: string): boolean {
  const port = parseAddress(left)?.port
  return port !== undefined && port !== 0 && port === parseAddress(right)?.port
}
