/** Entry of the `stellwerk-router` program: its guard, which starts the primary. */
import { startTimer } from './clock.ts'
import { guard } from './guard/guard.ts'

process.title = 'stellwerk-router guard'
process.exitCode = await guard(process.argv.slice(2))
if (process.connected) process.disconnect()
// A handle that was forgotten must not keep a stopped router alive.
startTimer(() => process.exit(), 1_000).unref()
