/** How far content has come: a bar on a terminal, a line now and then elsewhere. It reads the same without colour. */
import { type Sentence, say, type Told } from '../../core/say.ts'
import type { Messages } from '../../text/messages.ts'
import { LiveBlock } from './live-block.ts'
import type { Screen } from './screen.ts'

export type UploadBar = {
  readonly came: (bytes: number) => void
  readonly waits: (why: Told) => void
  /** Takes the bar away. */
  readonly end: () => void
}

const CELLS = 24
/** Lines without a terminal, at each quarter. */
const QUARTER = 0.25

type Shown = { readonly screen: Screen; readonly text: Messages; readonly now: () => number }

export function uploadBar({ screen, text, now }: Shown, name: string, total: number): UploadBar {
  const block = new LiveBlock(screen, text.more)
  const since = now()
  let first: number | null = null
  let told = 0
  let waited = ''
  return {
    came(bytes) {
      first ??= bytes
      const share = total === 0 ? 1 : bytes / total
      const rate = rateOf(bytes - first, now() - since)
      block.show([{ lines: [text.tell(barLine({ name, total, share, rate }))], rank: 0 }])
      if (screen.live || share < told + QUARTER || share >= 1) return
      told = Math.floor(share / QUARTER) * QUARTER
      screen.progress(say`${name}: ${percent(share)} % of ${sizeText(total)} are there`)
    },
    waits(why) {
      const line = text.tell(say`${name}: it does not go on, trying again: ${why}`)
      if (line !== waited) block.log(line)
      waited = line
    },
    end: () => block.end(),
  }
}

type Bar = { readonly name: string; readonly total: number; readonly share: number; readonly rate: string }

function barLine({ name, total, share, rate }: Bar): Sentence {
  const full = Math.round(share * CELLS)
  const bar = `[${'#'.repeat(full)}${'-'.repeat(CELLS - full)}]`
  return say`${name} ${bar} ${String(percent(share)).padStart(3)} % of ${sizeText(total)}${rate}`
}

function percent(share: number): number {
  return Math.floor(share * 100)
}

function rateOf(bytes: number, ms: number): string {
  return ms < 1000 ? '' : `, ${sizeText((bytes / ms) * 1000)}/s`
}

/** `812 kB`, `45 MB`, `12 GB`: whole numbers, which are the same in every language. */
export function sizeText(bytes: number): string {
  const [size, unit] = bytes < 1e7 ? [1e3, 'kB'] : bytes < 1e10 ? [1e6, 'MB'] : [1e9, 'GB']
  return `${Math.ceil(bytes / size)} ${unit}`
}
