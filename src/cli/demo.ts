import { say } from '../core/say.ts'
import { defineVerb } from './verb.ts'

export const demo = defineVerb({
  name: 'demo',
  summary: say`See a release, a bad release and its rollback, here and now`,
  takes: ['data'],
  description: say`Starts a control plane, a router and a small service of its own on this machine, releases it three times under a steady load, and ends everything afterwards. Exit code 0 only if the good release went live, the bad one was rolled back and no request was lost.`,
  options: { keep: { flags: '--keep', description: say`Leave everything running until Ctrl-C` } },
  async run({ options, globals, io, screen, text }) {
    const { runDemo } = await import('./demo/run.ts')
    const over = new AbortController()
    const release = io.onInterrupt(() => over.abort())
    try {
      return await runDemo({
        parent: globals.dataFolder,
        keep: options.keep,
        screen,
        text,
        now: io.now,
        signal: over.signal,
      })
    } finally {
      release()
    }
  },
})
