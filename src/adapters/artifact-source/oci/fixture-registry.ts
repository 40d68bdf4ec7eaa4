/** For tests: a registry in this process that answers as it is told, and remembers who asked for what. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { restrictedHttp } from '../../http.ts'
import type { Wire } from './exchange.ts'

export type Answering = (request: IncomingMessage, response: ServerResponse) => void

export type LyingRegistry = {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** `GET /v2/… Bearer x`, in their order; `-` where nobody said who he is. */
  readonly asked: readonly string[]
  answer(path: string, answering: Answering): void
  readonly close: () => void
}

export async function lyingRegistry(): Promise<LyingRegistry> {
  const asked: string[] = []
  const answers = new Map<string, Answering>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://any')
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`)
    const answering = answers.get(pathname)
    if (answering === undefined) response.writeHead(404).end()
    else answering(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (path, answering) => answers.set(path, answering),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export function says(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Answering {
  return (_, response) => void response.writeHead(status, headers).end(body)
}

/** Real HTTP; waits take no time and are written down. */
export function wireOf(waits: number[] = []): Wire {
  return {
    http: restrictedHttp({ mayReach: () => true, fetch }),
    wait: async (ms) => void waits.push(ms),
    now: () => Date.UTC(2026, 0, 1),
  }
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

export type Made = {
  readonly config: string
  readonly layer: string
  readonly manifest: string
  readonly digest: string
}

/** An image of one layer, of which nobody looks at the bytes. */
export function imageFor(architecture: string, os = 'linux'): Made {
  const layer = `layer for ${architecture}`
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] }
  const config = JSON.stringify({ os, architecture, rootfs })
  const named = (text: string, mediaType: string) => ({ mediaType, digest: digestOf(text), size: text.length })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: named(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [named(layer, 'application/vnd.oci.image.layer.v1.tar')],
  })
  return { config, layer, manifest, digest: digestOf(manifest) }
}

/** With an attestation among them, as buildx writes it. */
export function indexOf(images: Readonly<Record<string, Made>>): string {
  const described = ({ manifest, digest }: Made, os: string, architecture: string) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: manifest.length,
    platform: { os, architecture },
  })
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: Object.entries(images).map(([name, made]) =>
      name === 'unknown' ? described(made, name, name) : described(made, 'linux', name),
    ),
  })
}
