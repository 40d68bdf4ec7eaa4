import { listed, say, type Sentence, verbatim } from '../core/say.ts'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { type Artifact, type ArtifactComponent, artifactProblems } from '../core/artifact.ts'
import { canonicalJson } from '../core/json.ts'
import { COMPONENT_NAME, isComponentName, isVersionName } from '../core/pinned.ts'
import { makeDataFolder } from '../composition/data-folder.ts'
import { detail, StellwerkError } from '../errors.ts'
import type { ContentState } from '../ports/contents.ts'
import { artifactFile, readArtifact } from './artifact-file.ts'
import { fill, type Filled, gitFacts, type Given, pipelineFacts } from './build-facts.ts'
import { handOverContent, pinThere, serviceOf } from './hand-over.ts'
import { defineVerb, type Shell, usageError, type Verb } from './verb.ts'

const pin = defineVerb({
  name: 'artifact pin',
  summary: say`Pin what is to be released: version, commit, build and a digest per component`,
  takes: ['service', 'file', 'json', 'server', 'data'],
  description: say`A REF is a folder or an archive, whose content is copied (the original may change afterwards), or an image with its digest (oci://registry/name@sha256:…), which is looked for at its registry and stays there. With --server or STELLWERK_URL the content is handed over to that control plane, which then knows the version; otherwise it goes into the data folder. Writes <data>/artifacts/VERSION.json; a version that was pinned once is never pinned differently.`,
  options: {
    version: {
      flags: '--version <version>',
      description: say`The version, such as v1.4.0; else the tag, else the first digits of the commit`,
    },
    commit: { flags: '--commit <sha>', description: say`The full commit hash; else the pipeline's, else that of git` },
    buildUrl: { flags: '--build-url <url>', description: say`Where the build can be seen; else the pipeline` },
    component: {
      flags: '--component <name=ref>',
      description: say`A component and its reference; may be repeated`,
      many: true,
    },
    platform: {
      flags: '--platform <os/arch>',
      description: say`What every image must be made for, such as linux/arm64; may be repeated`,
      many: true,
    },
    author: {
      flags: '--author <id>',
      description: say`A commit author such as person:alex, who may then not approve; may be repeated`,
      many: true,
    },
  },
  examples: [
    'stellwerk artifact pin --component api=./dist',
    'stellwerk artifact pin --component api=oci://registry.example.com/team/api@$DIGEST --platform linux/amd64',
    'stellwerk artifact pin --version v1.4.0 --commit $SHA --build-url $URL --component api=./dist',
    'stellwerk artifact pin --server https://release.example.com --version v1.4.0 --commit $SHA --build-url $URL --component api=./dist.tar.gz',
  ],
  async run({ options, ...shell }) {
    const { component, author, platform } = options
    const { version, commit, buildUrl } = await buildFacts(shell, options)
    checkNames(version, component)
    checkPlatforms(platform, component)
    checkPinned({ version, commit, buildUrl, authors: author, components: {} })
    await checkFits(shell, component)
    const service = shell.globals.server === null ? null : await serviceOf(shell)
    const components: Record<string, ArtifactComponent> = {}
    for (const text of component) {
      const [name, taken] = await pinned(shell, text, { service, platforms: platform })
      components[name] = taken
    }
    const artifact: Artifact = { version, commit, buildUrl, authors: author, components }
    checkPinned(artifact)
    if (service !== null) await pinThere(shell, service, artifact)
    const file = artifactFile(shell.globals.dataFolder, version)
    await writeOnce(file, artifact)
    shell.screen.result(shell.globals.json ? JSON.stringify(artifact) : file)
    return 0
  },
})

const show = defineVerb({
  name: 'artifact show',
  summary: say`Show a pinned artifact, and whether its content is still there, unchanged`,
  takes: ['service', 'file', 'json', 'server', 'data'],
  args: { artifact: { description: say`A version pinned here, or a file` } },
  async run({ args, ...shell }) {
    const artifact = await readArtifact(shell, args.artifact)
    const problems = await contentProblems(shell, artifact)
    shell.screen.result(JSON.stringify(artifact, null, shell.globals.json ? undefined : 2))
    if (problems.length === 0) return 0
    throw new StellwerkError('usage', {
      what: say`${artifact.version} can no longer be released as it was pinned`,
      why: listed(problems),
      fix: say`pin a build of the same commit again here, or build it under a new version and pin that`,
    })
  },
})

export const artifact: readonly Verb[] = [pin, show]

/** As given; what is missing, as the pipeline and git say it, which is told. */
async function buildFacts({ io, screen }: Shell, { version, commit, buildUrl }: Given): Promise<Filled> {
  const isAllGiven = version !== undefined && commit !== undefined && buildUrl !== undefined
  const git = isAllGiven ? null : await gitFacts(io.cwd, io.env)
  const { filled, told } = fill({ version, commit, buildUrl }, pipelineFacts(io.env), git)
  for (const line of told) screen.progress(line)
  return filled
}

function checkNames(version: string, component: readonly string[]): void {
  if (!isVersionName(version))
    throw usageError(
      say`"${version}" is not a version`,
      say`it becomes the name of a file, and may not end in .json: --artifact takes that for a file`,
      verbatim('--version v1.4.0'),
    )
  if (component.length === 0)
    throw usageError(say`no component`, say`an artifact has at least one`, verbatim('--component api=./dist'))
  const odd = component.filter((text) => text.includes('=')).find((text) => !isComponentName(nameIn(text)))
  if (odd !== undefined)
    throw usageError(
      say`"${nameIn(odd)}" is no name of a component`,
      COMPONENT_NAME,
      verbatim('--component api=./dist'),
    )
  const twice = component.map(nameIn).find((name, index, names) => names.indexOf(name) < index)
  if (twice)
    throw usageError(
      say`${twice} is named twice`,
      say`a component is one build`,
      verbatim(`--component ${twice}=./dist`),
    )
}

function nameIn(text: string): string {
  return text.split('=', 1)[0]!
}

/** `--platform` without an image would look as if something had been checked. */
function checkPlatforms(platforms: readonly string[], component: readonly string[]): void {
  const odd = platforms.find((each) => !/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9.]+)?$/.test(each))
  if (odd !== undefined)
    throw usageError(
      say`"${odd}" is no platform of images`,
      say`it must be OS/ARCHITECTURE`,
      verbatim('--platform linux/amd64'),
    )
  if (platforms.length === 0 || component.some((text) => /^[^=]+=oci:/.test(text))) return
  throw usageError(
    say`--platform is given and no image of a registry`,
    say`only those are asked what they are made for`,
    say`leave it out, or --component NAME=oci://REGISTRY/NAME@sha256:…`,
  )
}

type Pinning = {
  /** At which control plane; null in the data folder. */
  readonly service: string | null
  readonly platforms: readonly string[]
}

async function pinned(
  shell: Shell,
  text: string,
  { service, platforms }: Pinning,
): Promise<readonly [string, ArtifactComponent]> {
  const { io, deps, globals } = shell
  const [, name, ref] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (!name || !ref)
    throw usageError(say`"${text}" is not a component`, say`it must be NAME=REF`, verbatim('--component api=./dist'))
  if (ref.startsWith('oci:')) {
    const seen = await deps.seeImage(ref, platforms, io.env)
    shell.screen.progress(say`${name}: its registry has it, for ${seen.platforms.join(', ')}`)
    return [name, { ref: seen.ref, digest: seen.digest }]
  }
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(ref)?.[1]
  if (digest) return [name, { ref, digest }]
  const path = resolve(io.cwd, ref)
  const exists = await stat(path).catch(() => null)
  if (exists) {
    const there = service !== null
    const taken = there ? handOverContent(shell, service, name, path) : deps.takeOver(path, globals.dataFolder)
    return [name, { ref: path, digest: await taken }]
  }
  const why = say`it is neither a folder or an archive here, nor an image with its digest: a mutable reference`
  throw usageError(
    say`${name}: cannot pin "${ref}"`,
    why,
    say`--component ${name}=./dist or --component ${name}=oci://REGISTRY/NAME@sha256:…`,
  )
}

function checkPinned(artifact: Artifact): void {
  const problems = artifactProblems(artifact).map(({ path, value, said }) =>
    detail(path, listed([`"${value}"`, said], ' ')),
  )
  if (problems.length === 0) return
  const fix = say`give the full commit hash and the URL of the build`
  throw new StellwerkError('usage', { what: say`this is not immutable`, why: say`a release must be`, problems, fix })
}

/** The same artifact again is fine; another one under the same version never is. */
async function writeOnce(file: string, artifact: Artifact): Promise<void> {
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null && canonicalJson(JSON.parse(known)) === canonicalJson(artifact)) return
  if (known !== null) {
    throw usageError(
      say`${artifact.version} is pinned already, as something else`,
      verbatim(file),
      say`pin it under a new version`,
    )
  }
  await makeDataFolder(dirname(dirname(file)))
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}.new`
  await writeFile(beside, `${JSON.stringify(artifact, null, 2)}\n`)
  await rename(beside, file)
}

/** Where the spec is here, what no environment of it could run is refused now instead of by `plan` (R-A07). */
async function checkFits({ deps, io, globals }: Shell, given: readonly string[]): Promise<void> {
  const file = resolve(io.cwd, globals.file)
  if (!(await stat(file).catch(() => null))) return
  const read = await deps.readSpec(file)
  if (!read.ok) return
  const refs = given.flatMap((text) => {
    const [, name, ref] = /^([^=]+)=(.+)$/.exec(text) ?? []
    return name && ref ? [[name, /^oci:|@sha256:[0-9a-f]{64}$/.test(ref) ? ref : resolve(io.cwd, ref)] as const] : []
  })
  const problems = read.value.unfit?.(Object.fromEntries(refs)) ?? []
  if (problems.length === 0) return
  throw new StellwerkError('usage', {
    what: say`this could never be released`,
    why: say`no environment of ${globals.file} could run it`,
    problems,
    fix: say`pin what its platform runs, or change ${globals.file}`,
  })
}

/** Of each folder or archive whose content is not what was pinned; images lie elsewhere. */
export async function contentProblems(shell: Shell, artifact: Artifact): Promise<readonly Sentence[]> {
  return shell.globals.server === null ? problemsHere(shell, artifact) : problemsThere(shell, artifact)
}

async function problemsThere(shell: Shell, { components }: Artifact): Promise<readonly Sentence[]> {
  const service = await serviceOf(shell)
  const doing = say`ask for the content`
  const checks = Object.entries(components).map(async ([name, { ref, digest }]) => {
    if (!isAbsolute(ref)) return []
    const { state } = await shell.client.get<ContentState>(`/contents/${service}/${digest}`, { doing })
    return state === 'kept' ? [] : [say`the content of ${name} is not kept by the control plane`]
  })
  return (await Promise.all(checks)).flat()
}

async function problemsHere({ deps, globals }: Shell, { components }: Artifact): Promise<readonly Sentence[]> {
  const checks = Object.entries(components).map(async ([name, component]) => {
    if (!isAbsolute(component.ref)) return []
    const digest = await deps.digestNow(component, globals.dataFolder)
    if (digest === null) return [say`the content of ${name} is neither kept in the data folder nor at ${component.ref}`]
    return digest === component.digest ? [] : [say`the digest of ${name} has changed`]
  })
  return (await Promise.all(checks)).flat()
}
