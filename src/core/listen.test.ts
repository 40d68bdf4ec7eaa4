import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { overlaps, readListen } from './listen.ts'

function address(text: string) {
  const read = readListen(text)
  assert(read.ok, text)
  return read.address
}

describe('an address to listen on', () => {
  for (const text of [
    '127.0.0.1:8080',
    '0.0.0.0:80',
    '10.0.0.7:1',
    '[::1]:8080',
    '[::]:65535',
    'localhost:0',
    'LOCALHOST:1',
    '[2001:DB8::1]:80',
    '[::ffff:127.0.0.1]:80',
  ]) {
    it(`${text} is one`, () => void address(text))
  }

  const none: readonly (readonly [string, RegExp])[] = [
    ['127.0.0.999:80', /each part is 0 to 255/],
    ['256.0.0.1:80', /"256" is not/],
    ['127.0.0.01:80', /"01" is not/],
    ['1.2.3:80', /is no IP address/],
    ['127.0.0.1.5:80', /is no IP address/],
    ['example.com:80', /only localhost may be a name/],
    ['[:::::]:80', /no IPv6 address/],
    ['[]:80', /no IPv6 address/],
    ['[1::2::3]:80', /no IPv6 address/],
    ['[12345::]:80', /no IPv6 address/],
    ['[127.0.0.1]:80', /no IPv6 address/],
    ['[fe80::1]:80', /link-local/],
    ['[ff02::1]:80', /multicast/],
    ['[::ffff:0.0.0.9]:80', /nothing can listen/],
    ['255.255.255.255:80', /nothing can listen/],
    ['224.0.0.1:80', /nothing can listen/],
    ['0.0.0.1:80', /nothing can listen/],
    ['127.0.0.1:65536', /at most 65535/],
    ['127.0.0.1:99999', /at most 65535/],
    ['127.0.0.1:', /not HOST:PORT/],
    ['127.0.0.1', /not HOST:PORT/],
    ['127.0.0.1:-1', /not HOST:PORT/],
    ['127.0.0.1:80 ', /not HOST:PORT/],
    ['::1:80', /not HOST:PORT/],
    ['8080', /not HOST:PORT/],
    ['', /not HOST:PORT/],
  ]
  for (const [text, why] of none) {
    it(`"${text}" is none, and the reason is said`, () => {
      const read = readListen(text)
      assert(!read.ok)
      assert.match(read.why, why)
    })
  }
})

describe('two addresses meet', () => {
  const pairs: readonly (readonly [string, string, boolean])[] = [
    ['127.0.0.1:80', '127.0.0.1:80', true],
    ['127.0.0.1:80', '127.0.0.1:080', true],
    ['127.0.0.1:80', '127.0.0.1:81', false],
    ['127.0.0.1:80', '127.0.0.2:80', false],
    ['0.0.0.0:80', '127.0.0.1:80', true],
    ['0.0.0.0:80', '10.1.2.3:80', true],
    ['0.0.0.0:80', '[::1]:80', false],
    ['localhost:80', '127.0.0.1:80', true],
    ['localhost:80', '[::1]:80', true],
    ['localhost:80', '0.0.0.0:80', true],
    ['localhost:80', '127.0.0.2:80', false],
    ['[::]:80', '127.0.0.1:80', true],
    ['[::]:80', '[::1]:80', true],
    ['[::]:80', 'localhost:80', true],
    ['[::1]:80', '127.0.0.1:80', false],
    ['[::1]:80', '[0:0:0:0:0:0:0:1]:80', true],
    ['[2001:DB8::1]:80', '[2001:db8:0::1]:80', true],
    ['[::ffff:127.0.0.1]:80', '127.0.0.1:80', true],
    ['[::ffff:7f00:1]:80', '0.0.0.0:80', true],
    ['127.0.0.1:0', '127.0.0.1:0', false],
  ]
  for (const [left, right, meet] of pairs) {
    it(`${left} and ${right}: ${meet ? 'yes' : 'no'}`, () => {
      assert.equal(overlaps(address(left), address(right)), meet)
      assert.equal(overlaps(address(right), address(left)), meet)
    })
  }
})
