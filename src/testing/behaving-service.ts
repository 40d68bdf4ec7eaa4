/** What platforms are tested with: a service that behaves as it is told. */

/**
 * `server.js` of an artifact. Listens on PORT, answers `/health` and `/readiness` by the variable BEHAVIOUR (a `ServiceBehaviour`, or
 * `ignores-term`), and says its environment on `/env`.
 */
export const SERVER = `
const { createServer } = require('node:http')
const behaviour = process.env.BEHAVIOUR
console.log('starting as ' + process.pid)
if (behaviour === 'exits') { console.error('cannot find the database'); process.exit(3) }
if (behaviour === 'ignores-term') process.on('SIGTERM', () => console.log('not now'))
let ready = behaviour !== 'never-ready'
createServer((request, response) => {
  if (request.url === '/env') return response.end(JSON.stringify(process.env))
  if (request.url === '/toggle') ready = !ready
  if (request.url === '/readiness' && !ready) response.statusCode = 503
  if (request.url === '/say') console.log('said ' + process.env.PASSWORD)
  response.end('ok ' + process.pid)
}).listen(process.env.PORT, '127.0.0.1')
`
