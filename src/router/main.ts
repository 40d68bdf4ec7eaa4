/** Entry of the `stellwerk-router` program. */
import { main } from './start.ts'

process.title = 'stellwerk-router'
process.exitCode = await main(process.argv.slice(2))
// A handle that was forgotten must not keep a stopped router alive.
setTimeout(() => process.exit(), 1_000).unref()
