/** A 53-bit hash of numbers, words and moments, added one after the other: no text is made and no object. */
let low = 0
let high = 0
const words = new Map<string, number>()

export function add(value: number): void {
  low = Math.imul(low ^ value, 0x85_eb_ca_6b)
  low ^= low >>> 13
  high = Math.imul(high + value, 0xc2_b2_ae_35) ^ (high >>> 15)
}

/** A moment relative to now. Every limit of the scenes is shorter than what lies so far back that it is all the same. */
export function moment(at: number | null | undefined, now: number): void {
  add(at == null ? ABSENT : Math.max(at - now, LONG_AGO_MS))
}

export function word(text: string): void {
  let known = words.get(text)
  if (known === undefined) {
    known = words.size + 1_000_003
    words.set(text, known)
  }
  add(known)
}

export const flag = (value: boolean): void => add(value ? 11 : 7)
export const ABSENT = -999_983
const LONG_AGO_MS = -100_000

export function begin(): void {
  low = 0x9e_37_79_b9
  high = 0x7f_4a_7c_15
}

export function end(): number {
  return (low >>> 0) * 0x20_00_00 + ((high >>> 0) & 0x1f_ff_ff)
}
