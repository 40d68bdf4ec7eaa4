import assert from 'node:assert/strict'
import { it } from 'node:test'
import { checkpointsIn } from './checkpoint-text.ts'

const note = (size: number, extra = '') =>
  `stellwerk/3f2a\n${size}\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n${extra}\n— stellwerk/3f2a Az3grlgtzPICa5OS\n`

const kept: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', '', []],
  ['a note as it is', note(7), [note(7)]],
  ['a note whose last line end an editor took away', note(7).trimEnd(), [note(7)]],
  ['notes one after the other', note(7) + note(9), [note(7), note(9)]],
  ['notes with empty lines and words between', `Kept on Monday\n\n${note(7)}\nand\n${note(9)}`, [note(7), note(9)]],
  ['line ends of another system', note(7).replaceAll('\n', '\r\n'), [note(7)]],
  ['extension lines', note(7, 'previous 5 AAAA\n'), [note(7, 'previous 5 AAAA\n')]],
  ['two signatures', `${note(7)}— witness AAAA\n`, [`${note(7)}— witness AAAA\n`]],
  ['lines of an export', `{"event":{}}\n${JSON.stringify({ checkpoint: note(7) })}\n{broken`, [note(7)]],
  ['a note without a signature', 'stellwerk/3f2a\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n', []],
  ['a root that is too short', note(7).replace('CsUY', ''), []],
  ['something else', '<html>\n<body>12</body>\n', []],
]

for (const [what, text, expected] of kept) {
  it(`finds the checkpoints in ${what}`, () => assert.deepEqual(checkpointsIn(text), expected))
}
