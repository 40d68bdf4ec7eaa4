import { z } from '@hono/zod-openapi'
import type { AuditReport } from '../../engine/control-plane.ts'
import { type Api, route, spec } from '../route.ts'
import { AuditReportBody } from '../schemas.ts'
import type { HttpOptions } from '../types.ts'

const tag = 'audit'

const verifySpec = spec({
  method: 'get',
  path: '/audit/verify',
  scope: 'read',
  everywhere: true,
  tag,
  summary: 'Check the whole log against its signed checkpoints',
  ok: { status: 200, description: '`ok: false` names every deviation.', schema: AuditReportBody },
  refusals: ['rate-limited', 'unavailable'],
})

const exportSpec = spec({
  method: 'get',
  path: '/audit/export',
  scope: 'read',
  everywhere: true,
  tag,
  summary: 'The whole log with its checkpoints, as lines that can be checked offline',
  description: 'An export that breaks off ends the connection without the last chunk: it is then incomplete.',
  ok: { status: 200, description: 'One JSON text per line.', type: 'application/x-ndjson' },
})

const checkpointSpec = spec({
  method: 'get',
  path: '/audit/checkpoint',
  scope: 'read',
  everywhere: true,
  tag,
  summary:
    'The verifier key, and a checkpoint signed now: keep both where nobody who can change the log can change them',
  ok: {
    status: 200,
    description: 'The checkpoint is null while nothing is logged.',
    schema: z.object({ key: z.string(), checkpoint: z.string().nullable() }),
  },
  refusals: ['unavailable'],
})

const HEADERS = {
  'Content-Type': 'application/x-ndjson',
  'Content-Disposition': 'attachment; filename="stellwerk-audit.ndjson"',
}

export function auditRoutes(api: Api, { controlPlane, log }: HttpOptions): void {
  // Everybody who asks while it runs gets its report: it reads the whole log, once at a time.
  let running: Promise<AuditReport> | null = null
  const verified = () =>
    (running ??= controlPlane.verifyAudit().finally(() => {
      running = null
    }))
  route(api, verifySpec, async ({ c }) => c.json(await verified()))
  route(api, checkpointSpec, async ({ c }) => c.json(await controlPlane.auditCheckpoint()))
  route(api, exportSpec, ({ c }) => {
    const failed = (error: unknown) => log.error('audit export failed', { err: error })
    return c.body(linesOf(controlPlane.exportAudit(), failed), 200, HEADERS)
  })
}

/** Pulls line by line, so that a log of any size costs one line of memory. */
function linesOf(source: AsyncIterable<string>, failed: (error: unknown) => void): ReadableStream<Uint8Array> {
  const lines = source[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await lines.next()
        if (done) return controller.close()
        controller.enqueue(encoder.encode(value.endsWith('\n') ? value : `${value}\n`))
      } catch (error) {
        failed(error)
        controller.error(new Error('the export broke off'))
      }
    },
    async cancel() {
      await lines.return?.()
    },
  })
}
