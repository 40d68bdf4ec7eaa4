/** The customers' app: one page, its manifest and its service worker. In production the same files lie on Cloudflare. */
import { release } from '../../shared/release.ts'
import { answer, serve } from '../../shared/serve.ts'

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Lokaltreu</title><link rel="manifest" href="/manifest.webmanifest">
<h1>Your cards</h1><p role="status">Loading …</p>
<script>
navigator.serviceWorker?.register('/service-worker.js')
const card = new URLSearchParams(location.search).get('card')
const authorization = 'Bearer ' + sessionStorage.getItem('token')
fetch('/v1/cards/' + encodeURIComponent(card), { headers: { authorization } }).then(async (answer) => {
  const { claimed, redeemed } = await answer.json()
  document.querySelector('[role=status]').textContent = answer.ok ? claimed - redeemed + ' stamps' : 'Sign in again'
})
</script></html>
`
const MANIFEST = { name: 'Lokaltreu', start_url: '/', display: 'standalone', version: release.version }
/** Pages are asked of the network first: after a rollback nobody keeps a page of the version that was taken back. */
const WORKER = `self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)))\n`

serve(
  'lokaltreu-pwa',
  {
    'GET /': () => answer(release.fault === 'blank' ? 500 : 200, PAGE, 'text/html; charset=utf-8'),
    'GET /manifest.webmanifest': () => answer(200, JSON.stringify(MANIFEST), 'application/manifest+json'),
    'GET /service-worker.js': () => answer(200, WORKER, 'text/javascript; charset=utf-8'),
  },
  async () => null,
)
