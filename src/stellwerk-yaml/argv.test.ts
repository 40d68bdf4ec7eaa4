import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitCommand } from './argv.ts'

const SPLIT: readonly (readonly [string, readonly string[]])[] = [
  ['node server.js', ['node', 'server.js']],
  ['  node\tserver.js \n --x ', ['node', 'server.js', '--x']],
  [`node -e 'a "b" $c && d'`, ['node', '-e', 'a "b" $c && d']],
  [`node "a b"c'd e'`, ['node', 'a bcd e']],
  [String.raw`say "a \"quoted\" \$5 \n" b\ c \&\&`, ['say', String.raw`a "quoted" $5 \n`, 'b c', '&&']],
  [`run ""`, ['run', '']],
  ['fetch http://x/?a=1 100%', ['fetch', 'http://x/?a=1', '100%']],
  ['price 5$', ['price', '5$']],
]

for (const [text, argv] of SPLIT) {
  test(`splits ${JSON.stringify(text)}`, () => {
    assert.deepEqual(splitCommand(text), { ok: true, value: argv })
  })
}

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['npm ci && node a.js', /"&&" needs a shell.*quote it.*script/],
  ['node a.js | tee log', /"\|" needs a shell/],
  ['node a.js; echo', /";" needs a shell/],
  ['node a.js > out', /">" needs a shell/],
  ['node a.js --port $PORT', /"\$PORT" needs a shell/],
  ['node "a$PORT"', /"\$PORT" needs a shell/],
  ['node `which a`', /"`" needs a shell/],
  ['node $(which a)', /"\$\(" needs a shell/],
  ['node *.js', /"\*" needs a shell/],
  ['~/bin/run', /write the whole path/],
  ['PORT=1 node a.js', /sets a variable; put it under/],
  [`node 'a`, /quote ' at column 6 is never closed/],
  ['node "a', /quote " at column 6 is never closed/],
  ['   ', /it is empty/],
]

for (const [text, message] of REFUSED) {
  test(`refuses ${JSON.stringify(text)} and says what to do`, () => {
    const result = splitCommand(text)
    assert.ok(!result.ok)
    assert.equal(result.kind, 'permanent')
    assert.match(result.message, message)
    assert.ok(result.message.includes(text), 'names the command')
  })
}
