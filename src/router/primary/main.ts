/** Entry of the primary: only a guard starts it. */
import { startTimer } from '../clock.ts'
import { main } from '../start.ts'

process.title = 'stellwerk-router'
process.exitCode = await main(process.argv.slice(2))
if (process.connected) process.disconnect()
// A handle that was forgotten must not keep a stopped router alive.
startTimer(() => process.exit(), 1_000).unref()
