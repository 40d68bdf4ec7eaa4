/** `node examples/lokaltreu/build.ts --out DIR [--only v1,v2]`: writes the builds, or lists them without `--out`. */
import { parseArgs } from 'node:util'
import { build, builds } from './builds.ts'

const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } })

if (values.out) {
  for (const { build: built, folder } of await build(values.only?.split(','), values.out)) {
    console.log(`${built.version.padEnd(26)} ${folder}`)
  }
} else {
  for (const { name, version, how } of builds) console.log(`${name.padEnd(22)} ${version.padEnd(26)} ${how}`)
  console.log('\nWrite them with: node examples/lokaltreu/build.ts --out DIR [--only v1,v2]')
}
