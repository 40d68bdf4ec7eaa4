/** Goal: whoever writes a scenario is told every mistake, where it is and what was probably meant. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { problemText } from '../../stellwerk-yaml/problem.ts'
import { readScenario } from './read.ts'

function problems(text: string): readonly string[] {
  const read = readScenario({ text, file: 's.yaml' })
  return read.ok ? [] : read.problems.map(problemText)
}

describe('a scenario file', () => {
  it('needs no more than a name', () => {
    const read = readScenario({ text: 'scenario: all is well\n', file: 's.yaml' })
    assert.ok(read.ok)
    assert.deepEqual(
      read.scenario.releases.map(({ version }) => version),
      ['v2'],
    )
    assert.equal(read.scenario.traffic.rate, 50)
  })

  it('is refused with line, column and suggestion, every mistake at once', () => {
    const text = [
      'scenario: x',
      'trafic: { rate: 5 }',
      'releases:',
      '  - version: v2',
      '    build: { errors: 5 }',
      '',
    ].join('\n')
    const found = problems(text)
    assert.equal(found.length, 2, found.join('\n'))
    assert.match(found[0]!, /^s\.yaml:2:1: .*unknown key "trafic"; did you mean `traffic`\?$/)
    assert.match(found[1]!, /^s\.yaml:5:22: releases\[0\]\.build\.errors: expected a percentage .*found 5; write 5%$/)
  })

  it('names the keys that are known where one is misspelt deep down', () => {
    const text = 'scenario: x\nreleases:\n  - version: v2\n    changes: [{ from: { phase: holding }, erors: 5% }]\n'
    assert.match(problems(text).join('\n'), /s\.yaml:4:43: .*unknown key "erors"; did you mean `errors`\?/)
    const phase = 'scenario: x\npeople: [{ at: { phase: hold }, does: pause }]\n'
    assert.match(
      problems(phase).join('\n'),
      /s\.yaml:2:25: people\[0\]\.at\.phase: expected one of .*did you mean "holding"\?/,
    )
  })

  it('is refused where it speaks of a release that it does not have', () => {
    const text = 'scenario: x\nexpect: { releases: { v3: { end: finalized } } }\n'
    assert.match(problems(text).join('\n'), /s\.yaml:2:23: .*no release "v3" in this scenario; known: v2/)
    const same = 'scenario: x\nreleases: [{ version: v2 }, { version: v2 }]\n'
    assert.match(problems(same).join('\n'), /no release "v2 twice"/)
  })

  it('knows zones and their clocks', () => {
    assert.match(
      problems('scenario: x\nstart: { zone: Europe/Berln }\n').join('\n'),
      /s\.yaml:2:16: start\.zone: expected a time zone/,
    )
    assert.match(
      problems('scenario: x\nstart: { at: 2026-13-40T99:00 }\n').join('\n'),
      /start\.at: expected a local time/,
    )
  })

  it('may carry what is yours', () => {
    assert.deepEqual(problems('scenario: x\nx-owner: kim\n'), [])
  })
})
