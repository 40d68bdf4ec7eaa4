import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bind, cookieName, cookieValues, setCookie, sharingOf } from './cookies.ts'

test('every value of the name is found, whatever stands around it', () => {
  const headers: readonly (readonly [string | undefined, readonly string[]])[] = [
    [undefined, []],
    ['', []],
    ['slot=a', ['a']],
    ['x=1; slot=a; slot=b', ['a', 'b']],
    ['slot=a;slot=b', ['a', 'b']],
    ['slot="a"', ['a']],
    ['slot = a ', ['a']],
    ['slot=a=b', ['a=b']],
    ['slot=', ['']],
    ['slot', []],
    ['=slot; ;;slot=a', ['a']],
    ['xslot=a; slotx=b; SLOT=c', []],
    ['slot="', ['"']],
  ]
  for (const [header, wanted] of headers) assert.deepEqual(cookieValues(header, 'slot'), wanted, `${header}`)
})

test('no two routes have the same cookie, and a route always has its own', () => {
  const keys = ['shop.web', 'shop.api', 'shop.web2', 'a', 'b', 'A']
  assert.equal(new Set(keys.map((key) => cookieName('slot', key))).size, keys.length)
  assert.equal(cookieName('slot', 'a'), cookieName('slot', 'a'))
  assert.match(cookieName('slot', 'a'), /^slot-[0-9a-z]+$/)
})

test('Secure where the user’s connection is, and where the name demands it', () => {
  assert.equal(setCookie('s', 'v', false), 's=v; Path=/; HttpOnly; SameSite=Lax')
  assert.match(setCookie('s', 'v', true), /; Secure$/)
  for (const name of ['__Host-s', '__Secure-s', '__host-s'])
    assert.match(setCookie(name, 'v', false), /; Secure$/, name)
})

const SHARING: readonly (readonly [ReturnType<typeof sharingOf>, readonly string[]])[] = [
  ['shared', ['Cache-Control', 'public']],
  ['shared', ['Cache-Control', 'Public, max-age=0']],
  ['shared', ['Cache-Control', 'max-age=31536000, immutable']],
  ['shared', ['Cache-Control', 'max-age=60']],
  ['shared', ['Cache-Control', 'max-age="60"']],
  ['shared', ['Cache-Control', 's-maxage=1']],
  ['shared', ['Cache-Control', 'must-revalidate', 'cache-control', 'public']],
  ['shared', ['Expires', 'Thu, 01 Jan 2099 00:00:00 GMT']],
  ['shared', ['Cache-Control', 'private', 'CDN-Cache-Control', 'max-age=600']],
  ['shared', ['Surrogate-Control', 'max-age=600']],
  ['private', ['Cache-Control', 'private']],
  ['private', ['Cache-Control', 'private, max-age=60']],
  ['private', ['Cache-Control', 'no-store']],
  ['private', ['Cache-Control', 'public, no-store']],
  ['unsaid', []],
  ['unsaid', ['Cache-Control', 'no-cache']],
  ['unsaid', ['Cache-Control', 'max-age=0, must-revalidate']],
  ['unsaid', ['Cache-Control', 's-maxage=0']],
  ['unsaid', ['Cache-Control', 'private="set-cookie"']],
  ['unsaid', ['Expires', '0']],
  ['unsaid', ['Expires', 'Thu, 01 Jan 1970 00:00:01 GMT']],
  ['unsaid', ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT']],
]

test('whether a shared cache may keep an answer', () => {
  for (const [wanted, headers] of SHARING) assert.equal(sharingOf(headers), wanted, `${headers}`)
})

test('an answer for everybody binds nobody; one that binds is private', () => {
  for (const [sharing, headers] of SHARING) {
    const bound = [...headers]
    bind(bound, 200, 's=v')
    const added = bound.slice(headers.length)
    const wanted = {
      shared: [],
      private: ['Set-Cookie', 's=v'],
      unsaid: ['Set-Cookie', 's=v', 'Cache-Control', 'private'],
    }
    assert.deepEqual(added, wanted[sharing], `${headers}`)
  }
  const renewed: string[] = []
  bind(renewed, 304, 's=v')
  assert.deepEqual(renewed, [], '304 renews what a cache has stored')
})
