/** Who may deploy does not choose who approves: through the real command line, a real control plane and its database. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { HeldPolicy } from '../../src/core/policy/policy.ts'
import { until } from '../../src/testing/until.ts'
import { deployArgs, type Ended, type House, pin, startHouse } from './support/house.ts'
import { environment, specText } from './support/spec.ts'

/** Without users: judged by what needs none. */
const QUIET = {
  rollout: { hold: '500ms', bake: '500ms', minRequests: 0 },
  analysis: [{ metric: 'memory', max: '2GB' }],
}
const ASKED = { approvals: [{ role: 'maintainer' }] }
const people = { maintainer: ['kim'] }

function spec(of: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>>): string {
  return specText({ rest, environments: { prod: environment({ ...QUIET, ...of }) } })
}

const SPEC = spec(ASKED, { people })
/** What somebody would write who wants nobody to look: no approvals, and a command of his own. */
const SLY = spec({ gates: ['artifact-pinned', { kind: 'command', run: 'true' }] }, {})

let house: House
let ci: string
let kim: string

before(async () => {
  house = await startHouse({ spec: SPEC, builds: ['v1'] })
  await writeFile(join(house.folder, 'sly.yaml'), SLY)
  ci = await house.token('ci:github', [], ['deploy'])
  kim = await house.token('Person:Kim', [], ['approve'])
})
after(() => house?.end())

function said({ stdout, stderr }: Ended): string {
  return `${stdout}\n${stderr}`
}

async function deploy(as: string, version: string, ...more: readonly string[]): Promise<Ended> {
  await pin(house, 'v1', version)
  return house.run([...deployArgs('prod', `v1.0.0-${version}`, '--no-wait'), ...more], as)
}

async function waiting(): Promise<string> {
  const look = async () => {
    const { holder } = await house.status('prod')
    return holder?.phase === 'approvals' ? holder.id : ''
  }
  return until('prod waits for approvals', look, { timeoutMs: 60_000, everyMs: 100 })
}

async function history(): Promise<readonly HeldPolicy[]> {
  const { stdout } = await house.run(['policy', 'history', '-e', 'prod', '--json'])
  return stdout.trim() === ''
    ? []
    : stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as HeldPolicy)
}

async function gatesAsked(rollout: string): Promise<readonly string[]> {
  const events = (await house.events()).filter(({ stream, type }) => stream === rollout && type === 'GateChecked')
  return events.map(({ data }) => (data as { gate: string }).gate)
}

describe('a token that may deploy', { concurrency: 1, timeout: 300_000 }, () => {
  it('does not bring the first policy of an environment with a spec that asks nobody', async () => {
    const sly = await deploy(ci, 'sly-first', '--file', 'sly.yaml')
    assert.equal(sly.code, 9, said(sly))
    assert.match(sly.stderr, /no policy is in force for .* in prod/)
    assert.deepEqual(await house.rollouts(), [])
    assert.deepEqual(await history(), [])
  })

  it('[R-C03] brings it with the consent that its spec asks for, after what is approved was shown', async () => {
    const asked = await deploy(ci, 'first')
    assert.equal(asked.code, 4, said(asked))
    assert.match(asked.stderr, /No policy is in force for prod yet: with these approvals/)
    const id = await waiting()
    const own = await house.run(['approve', id, '--yes'], ci)
    assert.equal(own.code, 9, said(own))
    const given = await house.run(['approve', id, '--yes'], kim)
    assert.equal(given.code, 0, said(given))
    assert.match(given.stderr, /requested by {2}ci:github[^]*Approvals[^]*person:kim/)
    assert.equal((await house.run(['watch', id])).code, 0)
    assert.deepEqual(
      (await history()).map(({ how, by, version }) => [how, by, version]),
      [['adopted', 'ci:github', 1]],
    )
  })

  it('weakens it only with the consent of those whom it names, and runs nothing of its own before', async () => {
    const sly = await deploy(ci, 'sly', '--file', 'sly.yaml')
    assert.equal(sly.code, 4, said(sly))
    assert.match(sly.stderr, /! weaker: the approval as maintainer \(start\) is no longer asked for/)
    const id = await waiting()
    assert.deepEqual(await gatesAsked(id), ['artifact-pinned'])
    const other = await house.run(['approve', id, '--yes', '--plan', '0'.repeat(12)], kim)
    assert.equal(other.code, 1, said(other))
    const given = await house.run(['approve', id, '--yes'], kim)
    assert.equal(given.code, 0, said(given))
    assert.match(given.stderr, /! weaker: the approval as maintainer/)
    assert.equal((await house.run(['watch', id])).code, 0)
    assert.deepEqual(await gatesAsked(id), ['artifact-pinned', 'command'])
    assert.deepEqual((await history()).map(({ how, rollout }) => [how, rollout]).at(-1), ['changed', id])
  })

  it('does not set policies; who administers does, on record, and the audit finds all of it intact', async () => {
    const refused = await house.run(['policy', 'set', '-e', 'prod', '--note', 'x', '--yes'], ci)
    assert.equal(refused.code, 9, said(refused))
    const set = await house.run(['policy', 'set', '-e', 'prod', '--note', 'as agreed', '--yes'])
    assert.equal(set.code, 0, said(set))
    assert.match(said(set), /\+ stricter: an approval as maintainer/)
    const held = (await history()).at(-1)
    assert.deepEqual([held?.how, held?.by, held?.version, held?.note], ['set', 'person:local-admin', 3, 'as agreed'])
    const verified = await house.run(['audit', 'verify'])
    assert.equal(verified.code, 0, said(verified))
    const sly = await deploy(ci, 'sly-again', '--file', 'sly.yaml')
    assert.equal(sly.code, 4, said(sly))
  })
})
