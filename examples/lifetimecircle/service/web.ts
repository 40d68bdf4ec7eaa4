/** The static client: one page that asks the API behind the same proxy. */
import { release } from '../../shared/release.ts'
import { answer, serve } from '../../shared/serve.ts'

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>LifeTimeCircle ${release.version}</title>
<h1>Service book</h1>
<form><label>VIN <input name="vin" minlength="17" maxlength="17" required></label> <button>Open</button></form>
<pre></pre>
<script>
document.forms[0].onsubmit = async (event) => {
  event.preventDefault()
  const vin = encodeURIComponent(event.target.vin.value)
  const found = await fetch('/api/vehicles/' + vin, { headers: { authorization: 'Bearer ' + sessionStorage.token } })
  document.querySelector('pre').textContent = JSON.stringify(await found.json(), null, 2)
}
</script></html>
`

serve('lifetimecircle-web', { 'GET /': () => answer(200, PAGE, 'text/html; charset=utf-8') }, async () => null)
