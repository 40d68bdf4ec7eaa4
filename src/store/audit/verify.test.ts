/** An export against what its reader brings along. Nothing of a database: events as lines, signed here. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { ExportSource } from './export.ts'
import { at, event, exported, FRESH, keyOf, LOG, OWN } from './fixture.ts'
import { type VerifyOptions, verifyLog } from './verify.ts'

const WHOLE = exported(LOG, [5, 12])
const check = (lines: readonly string[], options: VerifyOptions = {}) => verifyLog(new ExportSource(lines), options)

/** Event 3 says something else; everything after it is made again, and signed by whoever is named. */
const changed = LOG.map((each) => (each.position === 3 ? event(3, 'something else') : each))

describe('[R-H01] an export is worth what it is held against', () => {
  it('nothing: it agrees with itself, and that is called unproven', async () => {
    const report = await check(WHOLE)
    assert.deepEqual([report.ok, report.verdict, report.problems], [false, 'unproven', []])
    assert.deepEqual(report.proven, [])
    assert.match(report.unproven.join(), /who wrote it.*Give the key.*cut off at an earlier checkpoint/)
  })

  it('its own key, when its reader says so in as many words', async () => {
    const report = await check(WHOLE, { trustOwnKey: true })
    assert.equal(report.verdict, 'intact')
    assert.match(report.unproven.join(), /whoever wrote the log could bring a fresh key along/)
  })

  it('the key from elsewhere: signed by it, though it may have been cut', async () => {
    const report = await check(WHOLE, { publicKey: keyOf(OWN) })
    assert.equal(report.verdict, 'intact')
    assert.deepEqual(report.proven, [`events 1 to 12 are signed with the key given, ${keyOf(OWN)}`])
    assert.match(
      report.unproven.join(),
      /^that it ends at position 12: one cut off at an earlier checkpoint looks the same/,
    )
  })

  it('its own key and checkpoints, where the control plane checks itself: it says that these lie in its data folder', async () => {
    const own = { publicKey: keyOf(OWN), anchors: [at(5)], isOwn: true }
    const report = await check(WHOLE, own)
    assert.equal(report.verdict, 'intact')
    assert.match(report.proven.join(), /checkpoints in the data folder .*,.*signed with the key of this control plane/)
    assert.match(report.unproven.join(), /who has the data folder too.*from another machine.*its newest checkpoint is/)
    assert.doesNotMatch([...report.proven, ...report.unproven].join(), /elsewhere|given/)
    const forged = await check(exported(changed, [12]), own)
    assert.match(forged.problems[0]?.message ?? '', /^audit\/checkpoints\.txt in the data folder: /)
  })

  it('a checkpoint from elsewhere: the same events up to there, and the same key after', async () => {
    const report = await check(WHOLE, { anchors: [at(5)] })
    assert.equal(report.verdict, 'intact')
    assert.match(
      report.proven.join(),
      /^events 1 to 5 are those.*,events 1 to 12 are signed with the key of that checkpoint/,
    )
    assert.match(report.unproven.join(), /nothing came after position 5 but what is here/)
  })

  for (const [what, options] of [
    ['the key', { publicKey: keyOf(OWN) }],
    ['its own key', { trustOwnKey: true }],
    ['nothing', {}],
  ] as const)
    it(`of ${what}, nothing where only its header is left: it names a key, and nothing is signed with it`, async () => {
      const report = await check(exported([], []), options)
      assert.deepEqual([report.ok, report.verdict, report.proven], [false, 'unproven', []])
      assert.match(report.unproven.join(), /not one event in it is signed/)
    })

  it('both, the checkpoint being the newest: nothing is left to doubt', async () => {
    const report = await check(WHOLE, { publicKey: keyOf(OWN), anchors: [at(12)] })
    assert.deepEqual([report.verdict, report.unproven], ['intact', []])
  })
})

const FORGED: readonly (readonly [string, readonly string[], VerifyOptions, RegExp])[] = [
  [
    'rewritten with a fresh key',
    exported(changed, [5, 12], FRESH),
    { publicKey: keyOf(OWN) },
    /signed by somebody else/,
  ],
  ['rewritten with a fresh key', exported(changed, [5, 12], FRESH), { anchors: [at(5)] }, /not signed by|not those/],
  ['signed again with a fresh key', exported(LOG, [12], FRESH), { anchors: [at(5)] }, /not signed by/],
  [
    'cut at an earlier checkpoint',
    exported(LOG.slice(0, 5), [5]),
    { anchors: [at(12)] },
    /counts more events than the 5/,
  ],
  [
    'rewritten with the stolen key',
    exported(changed, [5, 12]),
    { anchors: [at(5)] },
    /not those of the signed checkpoint/,
  ],
  ['of another log', exported(LOG, [12]), { anchors: [at(12, OWN, changed)] }, /not those of the signed checkpoint/],
  ['without its last checkpoint', exported(LOG, [5]), { publicKey: keyOf(OWN) }, /covered by no valid checkpoint/],
  ['without any checkpoint', exported(LOG, []), { publicKey: keyOf(OWN) }, /covered by no valid checkpoint/],
  [
    'with another token named',
    WHOLE.map((line) => line.replace('tok_1', 'tok_2')),
    { publicKey: keyOf(OWN) },
    /not those/,
  ],
  [
    'with a token taken away',
    WHOLE.map((line) => line.replace(',"token":"tok_1"', '')),
    { trustOwnKey: true },
    /not those/,
  ],
]

describe('[R-H01] an export is not intact', () => {
  for (const [what, lines, options, message] of FORGED) {
    it(`${what}, held against ${Object.keys(options).join()}`, async () => {
      const report = await check(lines, options)
      assert.deepEqual([report.ok, report.verdict, report.proven], [false, 'not-intact', []])
      assert.match(report.problems.map((problem) => problem.message).join('\n'), message)
    })
  }

  it('and is so without anything from elsewhere, where it does not even agree with itself', async () => {
    const lines = WHOLE.map((line) => line.replace('"position":3,"stream":"s"', '"position":3,"stream":"t"'))
    assert.notDeepEqual(lines, WHOLE)
    assert.equal((await check(lines)).verdict, 'not-intact')
  })
})
