import { english, say, type Sentence } from './say.ts'

/**
 * Addresses that a router or the control plane listens on, `HOST:PORT`, and whether two of them can stand side by side.
 *
 * Text says little: `0.0.0.0:80` takes every IPv4 address of the machine, `[::]:80` those and every IPv6 one, `localhost`
 * is one of two, and `[::ffff:127.0.0.1]` is an IPv4 address in another spelling. So an address is read once into what it
 * covers, and only that is compared.
 */
type Covered = { readonly family: 4 | 6 /** Null: every address of the machine. */; readonly address: string | null }

export type ListenAddress = {
  readonly text: string
  /** 0: a free one, chosen by the system. */
  readonly port: number
  readonly covers: readonly Covered[]
}

export type ReadListen =
  | { readonly ok: true; readonly address: ListenAddress }
  | { readonly ok: false; readonly why: string; readonly said: Sentence }

const FORM = /^(?:\[([^\]]*)\]|([^:[\]]+)):(\d{1,5})$/
const MAX_PORT = 65_535

/** Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`, or says what is wrong with it. */
export function readListen(text: string): ReadListen {
  const [, six, plain, digits] = FORM.exec(text) ?? []
  if (digits === undefined) return refused(say`it is not HOST:PORT`)
  if (Number(digits) > MAX_PORT) return refused(say`a port is at most ${MAX_PORT}`)
  const covers = six === undefined ? plainHost(plain!) : sixHost(six)
  if ('says' in covers) return refused(covers)
  return { ok: true, address: { text, port: Number(digits), covers } }
}

function refused(said: Sentence): ReadListen {
  return { ok: false, why: english(said), said }
}

/** Would one of the two be refused its address by the other? Two free ports never meet. */
export function overlaps(left: ListenAddress, right: ListenAddress): boolean {
  if (left.port !== right.port || left.port === 0) return false
  return left.covers.some((one) =>
    right.covers.some(
      (other) =>
        one.family === other.family &&
        (one.address === null || other.address === null || one.address === other.address),
    ),
  )
}

function plainHost(host: string): readonly Covered[] | Sentence {
  if (host.toLowerCase() === 'localhost') {
    return [
      { family: 4, address: '127.0.0.1' },
      { family: 6, address: '::1' },
    ]
  }
  return fourHost(host)
}

function fourHost(host: string): readonly Covered[] | Sentence {
  const parts = host.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part)))
    return say`"${host}" is no IP address of this machine, and only localhost may be a name`
  const wrong = parts.find((part) => Number(part) > 255 || String(Number(part)) !== part)
  if (wrong !== undefined) return say`${host} is no IPv4 address: each part is 0 to 255, and "${wrong}" is not`
  const first = Number(parts[0])
  if (host === '0.0.0.0') return [{ family: 4, address: null }]
  if (first === 0 || first >= 224) return say`nothing can listen on ${host}: it is no address of a machine`
  return [{ family: 4, address: host }]
}

function sixHost(host: string): readonly Covered[] | Sentence {
  const url = URL.parse(`http://[${host}]/`)
  if (url === null) return say`[${host}] is no IPv6 address`
  const canonical = url.hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical) ?? []
  if (high !== undefined && low !== undefined) return fourHost(mapped(parseInt(high, 16), parseInt(low, 16)))
  if (canonical === '::') {
    return [
      { family: 4, address: null },
      { family: 6, address: null },
    ]
  }
  if (/^f(e[89ab]|f)/.test(canonical)) {
    return say`nothing can listen on [${host}] as it stands: link-local and multicast addresses need more than an address`
  }
  return [{ family: 6, address: canonical }]
}

/** `::ffff:7f00:1` → `127.0.0.1`. */
function mapped(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
