import { type Answer, json, type Request, text } from './answer.ts'
import { renderMetrics } from './metrics.ts'
import { type Service, versionOf } from './service.ts'

/** `GET /`: which release this is; a page for people, JSON for everything else. */
export async function front(request: Request, service: Service): Promise<Answer> {
  const { config, variant } = service
  const about = {
    service: config.service,
    component: config.component,
    environment: config.environment,
    version: versionOf(service),
    build: variant.version,
    slot: config.slot,
    features: variant.features,
  }
  if (!request.accept.includes('text/html')) return json(200, about)
  const rows = Object.entries(about).map(([key, value]) => `<dt>${key}</dt><dd>${escapeHtml(String(value))}</dd>`)
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lokaltreu</title>
<h1>Lokaltreu</h1><p>Stamps for regulars.</p><dl>${rows.join('')}</dl></html>\n`
  return text(200, 'text/html; charset=utf-8', html)
}

/** `GET /staff`: what stands open on the till; it asks the API with the till's own token. */
export async function staff(): Promise<Answer> {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lokaltreu · staff</title>
<h1>At the till</h1><form><label>Card <input name="card" required pattern="[A-Za-z0-9_-]{1,64}"></label>
<label>Code <input name="code" required></label> <button>Redeem</button></form><p role="status"></p>
<script>
document.forms[0].onsubmit = async (event) => {
  event.preventDefault()
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)))
  const authorization = 'Bearer ' + sessionStorage.getItem('token')
  const answer = await fetch('/v1/rewards/redeem', { method: 'POST', headers: { authorization }, body })
  document.querySelector('[role=status]').textContent = answer.ok ? 'Redeemed' : (await answer.json()).message
}
</script></html>\n`
  return text(200, 'text/html; charset=utf-8', html)
}

/** `GET /health`: the process is alive; says nothing of what it depends on. */
export async function health(): Promise<Answer> {
  return json(200, { ok: true })
}

/** `GET /readiness`: traffic may come. */
export async function readiness(_request: Request, { readiness, variant }: Service): Promise<Answer> {
  const reason = variant.fault.notReady?.() ?? (await readiness.reason())
  return reason ? json(503, { ready: false, reason }) : json(200, { ready: true })
}

export async function metrics(_request: Request, service: Service): Promise<Answer> {
  return text(200, 'text/plain; version=0.0.4', renderMetrics(service.metrics, process.memoryUsage.rss()))
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
