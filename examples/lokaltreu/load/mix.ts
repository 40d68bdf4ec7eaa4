import { randomUUID } from 'node:crypto'

export type Shot = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token: string
  readonly body?: string
  /** The status that means all is well; 401 and 403 are refusals we asked for. */
  readonly expect: 200 | 401 | 403
  /** To be told the status of the complete answer. */
  readonly done?: (status: number) => void
}

const CARDS = 500
/** Claimed stamps remembered for redemption; the oldest are forgotten. */
const CLAIMED_MAX = 1000

/**
 * What a shop's day looks like: of 20 requests 10 claims, 4 redemptions of earlier claims, 4 looks at a card, and 2 that
 * must be refused. The same seed gives the same order of kinds and cards; codes are new in every run, since a code is
 * used once for ever.
 */
export function shots(seed: number): () => Shot {
  const random = mulberry32(seed)
  const run = randomUUID().slice(0, 8)
  const claimed: string[] = []
  let number = 0

  function claim(): Shot {
    number += 1
    const body = JSON.stringify({ card: `c-${Math.floor(random() * CARDS)}`, code: `${run}-${number}` })
    const done = (status: number): void => {
      if (status === 200) claimed.push(body)
      if (claimed.length > CLAIMED_MAX) claimed.shift()
    }
    return { ...post('stamps/claim', 'test-token', body, 200), done }
  }

  return () => {
    const draw = random() * 20
    if (draw < 4)
      return { method: 'GET', path: `/v1/cards/c-${Math.floor(random() * CARDS)}`, token: 'test-token', expect: 200 }
    if (draw < 5) return post('stamps/claim', 'starter-plan', '{}', 403)
    if (draw < 6) return post('stamps/claim', 'bad-device', '{}', 401)
    const stamp = draw < 10 ? claimed.shift() : undefined
    return stamp ? post('rewards/redeem', 'test-token', stamp, 200) : claim()
  }
}

function post(what: string, token: string, body: string, expect: Shot['expect']): Shot {
  return { method: 'POST', path: `/v1/${what}`, token, body, expect }
}

/** A small seeded generator (Mulberry32, public domain): reproducible, and random enough to mix requests. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
