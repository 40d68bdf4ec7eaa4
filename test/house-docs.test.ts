/** Goal: a page cannot name what does not exist, nor the product read what no page names. Method: made-up pages, the real reference. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docsProblems, type Page, pagesOf, referenceOf } from '../tools/docs.ts'

const reference = referenceOf()
const all = pagesOf()
const found = (text: string, name = 'docs/made-up.md') =>
  docsProblems([...all, { name, text } satisfies Page], reference).filter((line) => line.startsWith(name))

test('the pages as they are name only what exists, and every variable', () => {
  assert.deepEqual(docsProblems(all, reference), [])
})

test('an option that its verb does not have, an alias and a shared one that it has', () => {
  assert.deepEqual(found('a\n`stellwerk deploy --nope`, `stellwerk deploy -e prod --yes`'), [
    'docs/made-up.md:2: "deploy" has no option --nope',
  ])
  assert.deepEqual(found('`stellwerk init -e prod`, `audit verify --fil x`'), [
    'docs/made-up.md:1: "init" has no option -e',
    'docs/made-up.md:1: "audit verify" has no option --fil',
  ])
  assert.deepEqual(found('```sh\nA=b stellwerk token create --name x \\\n  --scop y | jq . --no # --other\n```\n'), [
    'docs/made-up.md:1: "token create" has no option --scop',
  ])
})

test('an option by itself, in code or in prose, is one of a verb or of a tool', () => {
  assert.deepEqual(found('`--detach`, `--worlds`, `--invented`, and --made-up'), [
    'docs/made-up.md:1: no verb and no tool has an option --made-up',
    'docs/made-up.md:1: no verb and no tool has an option --invented',
  ])
})

test('a key in prose and in a fragment, lists and names of maps passed over', () => {
  assert.deepEqual(found('`rollout.hold`, `components.api.health.live`, `components.health`, `gates.kind`'), [])
  assert.deepEqual(found('`rollout.nope`'), ['docs/made-up.md:1: there is no key rollout.nope'])
  const fragment =
    '```yaml\nrollout: { hold: 1m, holt: 2m }\ncomponents: { api: { router: { kind: embedded, listn: x } } }\n```\n'
  assert.deepEqual(found(fragment), [
    'docs/made-up.md:1: there is no key rollout.holt',
    'docs/made-up.md:1: there is no key components.api.router.listn',
  ])
})

test('a route', () => {
  assert.deepEqual(found('`GET /api/v1/rollouts/shop-prod-7/plan`, `curl http://127.0.0.1:7070/api/v1/rollout`'), [
    'docs/made-up.md:1: there is no route /api/v1/rollout',
  ])
})

test('a variable that nothing reads, and one that no page names', () => {
  assert.deepEqual(found('`STELLWERK_NOPE`'), ['docs/made-up.md:1: nothing reads or sets STELLWERK_NOPE'])
  const silent = docsProblems(all, { ...reference, source: `${reference.source} STELLWERK_SECRET_SWITCH` })
  assert.deepEqual(silent, ['no page names the variable STELLWERK_SECRET_SWITCH'])
})

test('the changelog may name what is gone', () => {
  assert.deepEqual(found('`stellwerk deploy --gone`', 'CHANGELOG.md'), [])
})
