/**
 * Artifacts as the control plane keeps them: which content came from whom, and what each version of a service is. A version
 * that was pinned once is never pinned differently, whoever asks (R-A04). The rows beside the log are for lists, and can be
 * made again from it (law L2).
 */
import { type Artifact, artifactProblems, referenceKind } from '../core/artifact.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import {
  artifactStream,
  COMPONENT_NAME,
  contentStream,
  isComponentName,
  isVersionName,
  type PinnedArtifact,
  type PinnedData,
  type ReceivedData,
} from '../core/pinned.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import { listed, say } from '../core/say.ts'
import type { Contents } from '../ports/contents.ts'
import type { Store, StoredEvent, StoreTransaction, StreamFacts, StreamRow } from '../ports/store.ts'
import type { Answer, ControlPlane, PinRequest, Refusal } from './control-plane.ts'
import { refusal } from './refusals.ts'
import { retried } from './retried.ts'

type Row = { readonly row: StreamRow; readonly facts: StreamFacts }

type Keeping = { readonly store: Store; readonly contents?: Contents }

export function artifactMethods(
  keeping: Keeping,
): Pick<ControlPlane, 'pin' | 'pinned' | 'recordContent' | 'wasHandedOver'> {
  const { store } = keeping
  return {
    pin: (request, by) => retried(() => pinArtifact(keeping, request, by)),
    pinned: (service, version) => pinnedArtifact(store, service, version),
    recordContent: (kept, by) => retried(() => recordContent(store, kept, by)),
    wasHandedOver: (service, digest) => wasHandedOver(store, service, digest),
  }
}

/** Who handed which content over; again each time that it comes again. */
async function recordContent(store: Store, kept: ReceivedData, by: Actor): Promise<void> {
  await store.transact(async (tx) => {
    const stream = contentStream(kept.digest)
    const version = (await tx.lock(stream))?.version ?? 0
    await append(tx, { stream, version, type: 'ContentReceived', data: kept, by, besides: contentRow })
  })
}

/** A digest is no secret: who knows it has not shown that what it names is theirs. Who announced its manifest has. */
async function wasHandedOver(store: Pick<Store, 'read'>, service: string, digest: string): Promise<boolean> {
  const events = await store.read(contentStream(digest))
  return events.some(
    ({ type, data, forged }) =>
      type === 'ContentReceived' && !forged && (data as unknown as ReceivedData).service === service,
  )
}

async function pinArtifact(
  keeping: Keeping,
  { service, artifact }: PinRequest,
  by: Actor,
): Promise<Answer<PinnedArtifact>> {
  const wrong = problemsOf(artifact) ?? (await missing(keeping, service, artifact))
  if (wrong !== null) return wrong
  const stream = artifactStream(service, artifact.version)
  return keeping.store.transact(async (tx): Promise<Answer<PinnedArtifact>> => {
    const version = (await tx.lock(stream))?.version ?? 0
    const known = pinnedIn(await tx.read(stream))
    if (known !== null) return sameAs(known, artifact)
    const data: PinnedData = { service, artifact }
    await append(tx, { stream, version, type: 'ArtifactPinned', data, by, besides: artifactRow })
    return { ok: true, value: { ...data, by: by.id, pinnedAt: tx.now() } }
  })
}

async function pinnedArtifact(
  store: Pick<Store, 'read'>,
  service: string,
  version: string,
): Promise<Answer<PinnedArtifact>> {
  const found = pinnedIn(await store.read(artifactStream(service, version)))
  if (found !== null) return { ok: true, value: found }
  return refusal('not-found', say`no version ${version} of ${service} is pinned at this control plane`)
}

function pinnedIn(events: readonly StoredEvent[]): PinnedArtifact | null {
  const first = events.find(({ type, forged }) => type === 'ArtifactPinned' && !forged)
  if (first === undefined) return null
  return { ...(first.data as unknown as PinnedData), by: first.actor, pinnedAt: first.at }
}

function problemsOf(artifact: Artifact): Refusal | null {
  if (!isVersionName(artifact.version))
    return refusal(
      'invalid',
      say`"${artifact.version}" is no version: letters, digits and . _ + - with one of the first two in front, and no .json at its end`,
    )
  const names = Object.keys(artifact.components)
  if (names.length === 0)
    return refusal('invalid', say`an artifact has at least one component, and ${artifact.version} has none`)
  const odd = names.find((name) => !isComponentName(name))
  if (odd !== undefined) return refusal('invalid', say`"${odd}" is no name of a component: ${COMPONENT_NAME}`)
  const problems = artifactProblems(artifact)
  if (problems.length === 0) return null
  return refusal('invalid', listed(problems.map(({ path, value, said }) => listed([path, `"${value}"`, said], ' '))))
}

/** What is run from the store has to be there: a version that is pinned can be released. */
async function missing(
  { contents, store }: Keeping,
  service: string,
  { components }: Artifact,
): Promise<Refusal | null> {
  if (contents === undefined) return null
  for (const [name, { ref, digest }] of Object.entries(components)) {
    if (referenceKind(ref) !== 'folder or archive') continue
    if ((await contents.isKept(digest)) && (await wasHandedOver(store, service, digest))) continue
    return refusal(
      'invalid',
      say`the content of ${name} (${digest}) was not handed over to this control plane for ${service}; hand it over first: stellwerk artifact pin`,
    )
  }
  return null
}

function sameAs(known: PinnedArtifact, artifact: Artifact): Answer<PinnedArtifact> {
  if (canonicalJson(known.artifact) === canonicalJson(artifact)) return { ok: true, value: known }
  return refusal(
    'conflict',
    say`${artifact.version} is pinned already, as something else, by ${known.by}; pin this under a new version`,
  )
}

type Appending<Data> = {
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly data: Data
  readonly by: Actor
  readonly besides: (data: Data, version: number) => Row
}

async function append<Data>(tx: StoreTransaction, appending: Appending<Data>): Promise<void> {
  const { stream, version, type, data, by, besides } = appending
  const token = by.token === undefined ? {} : { token: by.token }
  await tx.append(stream, version, [{ type, data: data as unknown as Json, actor: by.id, ...token }])
  const { row, facts } = besides(data, version + 1)
  await tx.saveStream(row, facts)
}

export function artifactRow({ service, artifact }: PinnedData, version: number): Row {
  return {
    row: { stream: artifactStream(service, artifact.version), version, state: null, nextDue: null },
    facts: { kind: 'artifact', service, environment: null, version: artifact.version, phase: 'pinned', final: true },
  }
}

/** Two services may run the same; the row says whose it came as last. */
export function contentRow({ service, digest }: ReceivedData, version: number): Row {
  return {
    row: { stream: contentStream(digest), version, state: null, nextDue: null },
    facts: { kind: 'content', service, environment: null, version: digest, phase: 'received', final: true },
  }
}
