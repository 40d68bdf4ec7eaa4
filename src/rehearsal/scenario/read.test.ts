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

  it('is refused where errors are of a route that nobody asks for, wherever they stand', () => {
    const text = [
      'scenario: x',
      'traffic: { routes: { GET /cards: 5% } }',
      'live: { changes: [{ from: { after: 1m }, errorsOn: { GET /card: 1% } }] }',
      'releases:',
      '  - version: v2',
      '    build: { errorsOn: { GET /cards: 100% } }',
      '    components: { api: { build: { errorsOn: { POST /cards: 5% } } } }',
      '',
    ].join('\n')
    const found = problems(text)
    assert.equal(found.length, 2, found.join('\n'))
    assert.match(
      found[0]!,
      /^s\.yaml:3:\d+: live\.changes\[0\].*nobody asks for the route "GET \/card" .*; known: GET \/cards/,
    )
    assert.match(found[1]!, /^s\.yaml:7:\d+: releases\[0\]\.components\.api\..*route "POST \/cards"/)
    const none = problems('scenario: x\nlive: { build: { errorsOn: { GET /cards: 5% } } }\n')
    assert.match(
      none.join('\n'),
      /name it and its share of the traffic first: `traffic: \{ routes: \{ GET \/cards: 5% \} \}`/,
    )
  })

  it('is refused where routes are none, or more than the traffic', () => {
    const more = 'scenario: x\ntraffic: { routes: { GET /a: 60%, GET /b: 40.5% } }\n'
    assert.match(
      problems(more).join('\n'),
      /s\.yaml:2:12: traffic\.routes: the shares .* are 100\.5% of the traffic together/,
    )
    assert.deepEqual(problems(more.replace('40.5%', '40%')), [])
    const strange = 'scenario: x\ntraffic: { routes: { cards: 5% } }\n'
    assert.match(problems(strange).join('\n'), /expected a method and a path such as GET \/orders\/:id/)
    const share = 'scenario: x\ntraffic: { routes: { GET /a: 101% } }\n'
    assert.match(problems(share).join('\n'), /s\.yaml:2:\d+: traffic\.routes.*expected a share from 0% to 100%/)
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
