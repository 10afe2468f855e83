import { expect, it } from 'vitest'
import { inNetwork, networkPrefixes, parseAddress, parseNetwork } from './address.ts'

it.each([
  ['10.4.7.9', '00000000000000000000ffff0a040709'],
  ['::ffff:10.4.7.9', '00000000000000000000ffff0a040709'],
  ['::', '0'.repeat(32)],
  ['::1', `${'0'.repeat(31)}1`],
  ['2001:DB8::1', '20010db8000000000000000000000001'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201'],
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
])('%s is %s', (text, hex) => {
  expect(parseAddress(text)).toBe(hex)
})

it.each([
  ...[
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.0.1',
    '1:2:3',
    '1::2::3',
    ':::',
    '12345::',
    'g::',
    '1.2.3.4::',
  ],
  ...['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', ':1', '1:', '::1.2.3', 'x'.repeat(1000)],
])('%s is no address', text => {
  expect(parseAddress(text)).toBeUndefined()
})

it.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/-1', '/8', '10.0.0.0/8/8', '10.0.0.0/1e1'])(
  '%s is no network',
  text => {
    expect(parseNetwork(text)).toBeUndefined()
  },
)

it('covers a network by prefixes, and nothing beside it', () => {
  for (let bits = 96; bits <= 128; bits++) {
    const network = parseNetwork(`10.171.205.239/${bits - 96}`)
    if (!network) throw new Error('no network')
    const prefixes = networkPrefixes(network)
    expect(prefixes.length).toBeLessThanOrEqual(8)
    for (let flip = 96; flip < 128; flip++) {
      const value = (0x0aabcdef ^ (1 << (127 - flip))) >>> 0
      const hex = `${'0'.repeat(20)}ffff${value.toString(16).padStart(8, '0')}`
      const inside = flip >= bits
      expect(inNetwork(hex, network)).toBe(inside)
      expect(prefixes.some(prefix => hex.startsWith(prefix))).toBe(inside)
    }
  }
})
