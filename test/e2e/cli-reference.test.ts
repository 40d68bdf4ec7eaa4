import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { EXIT, PROBLEMS } from '../../src/errors.ts'
import { generate as generateCli } from '../../tools/gen-cli.ts'
import { generate as generateOpenApi } from '../../tools/gen-openapi.ts'

describe('[R-J02] the reference pages', () => {
  it('are what the code says now', async () => {
    for (const { path, text } of [...(await generateCli()), ...(await generateOpenApi())]) {
      assert.equal(
        await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'),
        text,
        `${path}: run "npm run gen"`,
      )
    }
  })

  it('name every exit code and every kind of problem', async () => {
    const [cli] = await generateCli()
    for (const { code, meaning } of Object.values(EXIT)) assert(cli!.text.includes(`| **${code}** | ${meaning} |`))
    const http = (await generateOpenApi()).find(({ path }) => path.endsWith('http.md'))!
    for (const kind of Object.keys(PROBLEMS)) assert(http.text.includes(`problem:${kind}\``), kind)
  })
})
