/**
 * The two small examples: their specs are valid and plan in every environment, a good build goes live through the real
 * command line, smoke checks included, and their bad build does not stay.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { after, before, describe, it } from 'node:test'
import { startDatabase } from '../../examples/lokaltreu/testing/database.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { type Example, type ExampleHouse, exampleHouse, type Surroundings } from './support/example-house.ts'
import { lastLine } from './support/house.ts'

type Bad = { readonly fault: string; readonly title: string; readonly code: number; readonly because: RegExp }

const SECRET = 'only-for-tests-0123456789-0123456789'

/** A PostgreSQL of its own, and a session of the test tenant, signed as the service signs them. */
async function serviceBook(): Promise<Surroundings> {
  const database = await startDatabase()
  const signature = createHmac('sha256', SECRET).update('test-workshop').digest('hex')
  return {
    env: {
      LTC_DATABASE_URL: database.url,
      LTC_SECRET_KEY: SECRET,
      LTC_SMOKE_TOKEN: `Bearer test-workshop.${signature}`,
    },
    remove: () => database.remove(),
  }
}

/** A folder that stands in for MongoDB and S3. */
async function community(): Promise<Surroundings> {
  const folder = await temporaryFolder('wimmelwelt-data')
  const secrets = ['S3_SECRET_KEY', 'JWT_SECRET', 'VAPID_PRIVATE_KEY'].map((name) => [`WIMMELWELT_${name}`, SECRET])
  return {
    env: { WIMMELWELT_MONGODB_URI: pathToFileURL(folder).href, ...Object.fromEntries(secrets) },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Its API is a real FastAPI service: Debian's packages python3-fastapi, python3-uvicorn and python3-psycopg-pool. */
const noFastApi = existsSync('/usr/lib/python3/dist-packages/fastapi')
  ? false
  : 'fastapi is missing: apt-get install python3-fastapi python3-uvicorn python3-psycopg-pool'

type Tried = Example & { readonly bad: Bad; readonly skip: string | false; around(): Promise<Surroundings> }

async function loyaltyStamps(): Promise<Surroundings> {
  const database = await startDatabase()
  return {
    env: { LOKALTREU_DATABASE_URL: database.url, LOKALTREU_AUTH_SECRET: SECRET },
    remove: () => database.remove(),
  }
}

const EXAMPLES: readonly Tried[] = [
  {
    name: 'lokaltreu',
    parts: ['api', 'pwa', 'worker'],
    skip: false,
    around: loyaltyStamps,
    bad: {
      fault: 'blank',
      title: 'an app that does not load: stopped before any user met it, API and worker untouched',
      code: 1,
      because: /smoke test "the app loads" on candidate is red: expected .*200.*, got .*500/,
    },
  },
  {
    name: 'lifetimecircle',
    parts: ['api', 'web'],
    skip: noFastApi,
    around: serviceBook,
    bad: {
      fault: 'leak',
      title: '[R-E08] memory above its limit: users are back on the release before',
      code: 5,
      because:
        /memory of the candidate was .*, above the 667\.6 MiB that demand a rollback .* \(rule memory \(api\); source: platform process/,
    },
  },
  {
    name: 'wimmelwelt',
    parts: ['api', 'push'],
    skip: false,
    around: community,
    bad: {
      fault: 'open-uploads',
      title: '[R-D05] an upload without signing in: stopped before any user met it',
      code: 1,
      because: /smoke test "nobody uploads without signing in" on candidate is red: expected .*401.*, got .*200/,
    },
  },
]

for (const example of EXAMPLES) {
  describe(`the example ${example.name}`, { timeout: 240_000, skip: example.skip }, () => {
    let house: ExampleHouse

    before(async () => {
      house = await exampleHouse(example, await example.around())
    })
    after(() => house.end())

    it('has a valid spec that plans in every environment, each step with what it sees', async () => {
      const validated = await house.run(['validate'])
      assert.equal(validated.code, 0, validated.stderr)
      const version = await house.pin({ version: 'v1.0.0', fault: null })
      for (const environment of ['dev', 'stage', 'prod']) {
        const planned = await house.run(['plan', '-e', environment, '--artifact', version])
        assert.equal(planned.code, 0, planned.stderr)
        assert.match(planned.stdout, new RegExp(`^${example.name} v1\\.0\\.0 → ${environment} `))
        if (environment !== 'dev') assert.match(planned.stdout, /What each step can see of api .*declared/)
      }
    })

    it('goes live in dev with all its components, smoke checks green', async () => {
      await house.up()
      const deployed = await house.run(['deploy', '-e', 'dev', '--artifact', 'v1.0.0', '--yes'])
      assert.equal(deployed.code, 0, deployed.stderr)
      assert.match(lastLine(deployed), /Now serving: .*api v1\.0\.0 100 %/)
      const planned = await house.run(['plan', '-e', 'prod', '--artifact', 'v1.0.0'])
      assert.equal(planned.code, 0, planned.stderr)
      assert.doesNotMatch(planned.stderr, /planned locally/)
      assert.match(planned.stdout, /What each step can see of api .*declared/)
    })

    it(example.bad.title, async () => {
      const version = await house.pin({ version: 'v2.0.0', fault: example.bad.fault })
      const deployed = await house.run(['deploy', '-e', 'dev', '--artifact', version, '--yes'])
      assert.equal(deployed.code, example.bad.code, deployed.stderr)
      assert.match(deployed.stdout.replaceAll(/\s+/g, ' '), example.bad.because)
      assert.match(lastLine(deployed), /Now serving: .*api v1\.0\.0 100 %/)
    })
  })
}
