/** Goal: the guide tells of every channel and every topic, and each of its examples can be put into a stellwerk.yaml as it is. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { registry } from '../../src/adapters/registry.ts'
import { planOf, problemsOf, smallSpec } from '../../src/stellwerk-yaml/fixture.ts'
import { TOPICS } from '../../src/stellwerk-yaml/notify.ts'
import { ROOT } from '../../tools/tool.ts'
import { blocksIn } from '../../tools/docs/markdown.ts'

const PAGE = readFileSync(join(ROOT, 'docs/guides/notify.md'), 'utf8')
const blocks = blocksIn(PAGE).filter(({ language }) => language === 'yaml')
const fragments = blocks.filter(({ text }) => text.startsWith('notify:'))

/** The example in a spec that declares the secrets it names. */
function specWith(fragment: string): string {
  const names = new Set([...fragment.matchAll(/\{ secret: (\w+) \}/g)].map(([, name]) => name!))
  const secrets = [...names].map((name) => `  ${name}: { kind: env, name: ${name} }`).join('\n')
  return smallSpec(`secrets:\n${secrets}\n${fragment}`)
}

describe('docs/guides/notify.md', () => {
  for (const { text, line } of fragments) {
    test(`the example in line ${line} is one that is read`, () => assert.deepEqual(problemsOf(specWith(text)), []))
  }

  test('has an example of every channel', () => {
    const shown = fragments.flatMap(({ text }) => planOf(specWith(text), 'dev').notify.map(({ to }) => to.kind))
    assert.deepEqual([...new Set(shown)].sort(), registry.notifiers.map(({ kind }) => kind).sort())
  })

  test('names every topic', () => {
    const rows = PAGE.split('\n').filter((line) => line.startsWith('| '))
    const named = TOPICS.filter((topic) => topic !== '*').filter(
      (topic) => !rows.some((row) => row.startsWith(`| ${topic} |`) || row.includes(`\`${topic}\``)),
    )
    assert.deepEqual(named, [])
  })

  test('its whole example tells stage by mail and chat and pages nobody, and prod by pager for P1 and P2', () => {
    const { text } = blocks.find((block) => block.text.startsWith('service:'))!
    const told = (environment: string, topic: string) =>
      planOf(text, environment)
        .notify.filter(({ on }) => on.includes('*') || on.includes(topic))
        .map(({ to }) => to.kind)
    for (const topic of ['P1', 'P2', 'P3']) assert.deepEqual(told('stage', topic), ['slack', 'smtp'])
    for (const topic of ['P1', 'P2']) assert.deepEqual(told('prod', topic), ['slack', 'pagerduty'])
    assert.deepEqual(told('prod', 'P3'), ['slack'])
  })
})
