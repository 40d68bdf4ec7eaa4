/** The text of a new adapter, of its test, and of the registry with its line. */
import { CAPABILITIES, type PortTemplate } from './ports.ts'

export type NewAdapter = { readonly port: string; readonly kind: string; readonly template: PortTemplate }

/** `file-exists` in the port `gate` is `fileExistsGate`: no word of the language (`null`), nor of another port, is one of these. */
export function nameOf({ port, kind }: NewAdapter): string {
  return camel(`${kind}-${port}`)
}

function camel(text: string): string {
  return text.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export function adapterText(adapter: NewAdapter, name: string): string {
  const { kind, port, template } = adapter
  const { make, imports, describe, facts = '', body } = template
  return `/** What it is, in one sentence, and the requirement that asks for it. */
import { z } from 'zod'
${imports.join('\n')}
import { ${make} } from '../../kit.ts'

const options = z
  .strictObject({
    kind: z.literal('${kind}').meta({ description: 'What it does, for the reference page.' }),
  })

${CAPABILITIES[port] ?? ''}export const ${name} = ${make}({
  kind: '${kind}',
  options,
  // Another schema than \`options\` once that transforms: durations are written as \`10s\` and planned as \`timeoutMs\`.
  planned: options,
${facts}  describe: ${describe.replace('KIND', kind)},
  create: ${body(name, kind)},
})
`
}

export function testText({ port, kind, template }: NewAdapter, name: string): string {
  const { imports, text } = template.contract(name, kind)
  return `import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
${imports.join('\n')}
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { ${name} } from './${kind}.ts'

// What is written in a spec beside \`kind\`, and another value for each key: it must change the plan.
adapterKeys({ port: '${port}', kind: '${kind}', written: {}, keys: {} })

// As many options as it has: what is read must be what a plan holds.
adapterContract({ adapter: ${name}, written: {}, context: adapterContext() })

${text}`
}

/** One import and one entry more. Throws where the registry is not as it was. */
export function withLine(registry: string, { kind, template }: NewAdapter, name: string): string {
  const { folder, registered } = template
  const line = `import { ${name} } from './${folder}/${kind}/${kind}.ts'\n`
  const imports = registry.split('\n').filter((each) => each.startsWith('import '))
  const entry = new RegExp(`(\\n  ${registered}: \\[[^\\]]*)\\]`)
  const last = imports.at(-1)
  if (last === undefined || !entry.test(registry)) throw new Error(`src/adapters/registry.ts has no "${registered}"`)
  return registry.replace(`${last}\n`, `${last}\n${line}`).replace(entry, `$1, ${name}]`)
}
